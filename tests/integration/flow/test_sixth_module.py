"""A module is added by files alone (docs/how-to/add-a-module.md): a copy of the project and the folder ``sixth_module``
carry a sixth module from the source to its wide table, and Airflow knows its DAG."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import House

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
ROOT = Path(__file__).parents[3]
FILES = Path(__file__).parent / "sixth_module"

CARRY = """
import json, sys
import httpx
from jst.kafka.topics import create_topics
from jst.warehouse.clickhouse_migrations import migrate as migrate_warehouse
from tests.support.house import House
from jst.flow.live.shift import Limits
from jst.model.module import load_module, module_names

given = json.loads(sys.stdin.read())

class Elsewhere:
    url, moved = given["url"], 0.0
    def forward(self, seconds):
        httpx.post(f"{self.url}/sandbox/clock", json={"seconds": seconds}).raise_for_status()
        self.moved += seconds

house = House(given["dsn"], given["kafka"], given["clickhouse"], Elsewhere())
migrate_warehouse(house.open_warehouse(house.hosts), hosts=house.hosts)
create_topics(house.kafka)
assert "barcode" in module_names()
house.watch("barcode").reason_to_start()
httpx.post(f"{given['url']}/sandbox/touch", json={"module": "sku", "keys": given["touch"]}).raise_for_status()
house.shift("barcode").run(Limits(longest=20, quiet=5))
house.loader("barcode").load_waiting()
print(json.dumps(house.rows("SELECT sku_id, sku_code FROM dws.dws_barcode FINAL ORDER BY sku_id")))
house.close()
"""
DAGS = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
assert bag.import_errors == {}, bag.import_errors
print(json.dumps(sorted(task.task_id for task in bag.dags["jst_barcode"].tasks)))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with a sixth module, and nothing of it changed."""
    for folder in ("plugins", "include", "dags"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    number = int(max(path.name[:4] for path in (tmp_path / "include/sql/migrations/clickhouse").iterdir()))
    for path in sorted(path for path in FILES.rglob("*") if path.is_file()):
        target = tmp_path / path.relative_to(FILES)
        if target.parent.name == "clickhouse":
            number += 1
            target = target.with_name(f"{number:04d}_{path.name}")
        assert not target.exists(), target
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def run(project: Path, code: str, *arguments: str, given: dict[str, Any] | None = None) -> Any:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(project / "plugins"), str(ROOT))),
        "AIRFLOW_HOME": str(project / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(project / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{project}/airflow.db",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=json.dumps(given), env=environment, cwd=project, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_sixth_module_needs_its_own_files_only(project: Path, house: House) -> None:
    codes = {row["sku_id"]: row["sku_code"] for row in house.sandbox.truth("sku")}
    touched = sorted(codes)[:70]
    given = {
        "dsn": house.dsn,
        "kafka": house.kafka["bootstrap.servers"],
        "clickhouse": house.address,
        "url": house.sandbox.url,
        "touch": touched,
    }
    try:
        rows = run(project, CARRY, given=given)
    finally:
        _forget(house)
    assert dict(rows).items() >= {sku_id: codes[sku_id] for sku_id in touched}.items()
    assert run(project, DAGS, str(project / "dags")) == ["load_barcode", "pull_barcode", "watch_barcode"]


def _forget(house: House) -> None:
    """The server's history must know no migration that the other tests' project lacks."""
    for table in ("ods.barcode", "dwd.dwd_barcode", "dws.dws_barcode"):
        house.warehouse.execute(f"DROP TABLE IF EXISTS {table}")
    house.warehouse.execute("ALTER TABLE ops.migration DELETE WHERE name LIKE '%barcode%' SETTINGS mutations_sync = 1")
