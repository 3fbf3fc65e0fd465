"""Pictures and the workbook in a real S3 server, by Airflow's object storage. ``--long`` fetches both."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from jst.workbook.shops import read_workbook
from local.layout import ROOT, SANDBOX_WORKBOOK
from tests.support.python_beside import python_beside
from tests.support.search_depth import DEPTH

pytestmark = pytest.mark.search
VERSIONS = (
    (
        "apache-airflow-providers-amazon==9.39.0",
        "s3fs==2026.9.0",
        # what fits each other, or pip tries every version of them there ever was
        "aiobotocore==3.10.0",
        "boto3==1.43.117",
        "botocore==1.43.117",
        "moto[server]==5.2.5",
    ),
)[: DEPTH.of(0, 1)]


@pytest.mark.parametrize("packages", VERSIONS)
def test_a_picture_is_seen_at_its_address_and_a_workbook_is_read(packages: tuple[str, ...], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}", "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [python_beside("s3", *packages), "-m", "tests.support.s3_store", str(SANDBOX_WORKBOOK)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    shops = len(read_workbook(SANDBOX_WORKBOOK).shops)
    assert json.loads(done.stdout.splitlines()[-1]) == {"status": 200, "same": True, "shops": shops}
