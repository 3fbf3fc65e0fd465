"""Every statement of include/sql runs on the ClickHouse versions of the field, and gives what it gives on ours."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from clickhouse_driver import Client

from jst.access.spec import load_access, version_of
from jst.clock import SHANGHAI
from jst.warehouse.node_copy import Address
from local.layout import ROOT, python_environment
from local.old_engines import packages
from tests.support.warehouse_story import Story, Told, not_run

pytestmark = pytest.mark.clickhouse
PATIENCE_SECONDS = 240


@dataclass
class Engine:
    """A process that tells the story to an old engine, in its own time."""

    folder: Path
    process: subprocess.Popen[bytes]

    def told(self) -> tuple[Told, list[str], set[str], str]:
        """Wait for the end; returns what was told, all statements, the settings the engine knows, its version."""
        assert self.process.wait(PATIENCE_SECONDS) == 0, (self.folder / "log").read_text("utf-8")[-4000:]
        told, asked, known, version = pickle.loads((self.folder / "told.pickle").read_bytes())
        return told, asked, known, version


@pytest.fixture(scope="module")
def address(clickhouse: dict[str, str | int]) -> Address:
    return Address(f"{clickhouse['host']}:{clickhouse['port']}", str(clickhouse["user"]), str(clickhouse["password"]))


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(SHANGHAI).replace(microsecond=0)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, now: datetime, address: Address) -> Iterator[dict[str, Engine]]:
    missing = [name for name, package in packages().items() if not package.exists()]
    if missing:
        pytest.fail(f"没有旧版引擎 {'、'.join(missing)}：make test 会装上，或运行 python3 -m local.bootstrap --tests")
    found = {}
    for name, package in packages().items():
        folder = tmp_path_factory.mktemp("engine")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.old_engine", str(package), str(folder)],
                cwd=ROOT,
                env={**os.environ, **python_environment(), "TZ": "Asia/Shanghai"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert process.stdin is not None
        process.stdin.write(pickle.dumps((now, address)))
        process.stdin.close()
        found[name] = Engine(folder, process)
    yield found
    for engine in found.values():
        engine.process.kill()
        engine.process.wait()


@pytest.fixture(scope="module")
def ours(engines: dict[str, Engine], client: Client, now: datetime, address: Address) -> Told:
    """The story of the pinned engine, told while the old ones are at theirs."""
    return Story(client, now, address).tell()


@pytest.mark.parametrize("name", packages())
def test_an_old_engine_gives_what_ours_gives(name: str, engines: dict[str, Engine], ours: Told) -> None:
    told, asked, _, _ = engines[name].told()
    assert [sql for sql, _ in told] == [sql for sql, _ in ours]
    for (sql, theirs), (_, expected) in zip(told, ours, strict=True):
        assert theirs == expected, f"{name} answers otherwise: {sql}"
    left = list(not_run(asked))
    assert not left, f"include/sql 里的 {left} 没有在旧版引擎上运行过：在 tests/support/warehouse_story.py 里加上例子"


@pytest.mark.parametrize("name", packages())
def test_the_users_of_an_old_server_have_settings_it_knows(name: str, engines: dict[str, Engine]) -> None:
    access, (_, _, known, version) = load_access(), engines[name].told()
    for new in access.since:
        assert (new.name in known) == (version_of(version) >= new.version), new.name
    for profile, facts in access.profiles.items():
        assert known >= access.settings_of(profile, version_of(version)).keys() | facts.changeable.keys(), profile


def test_a_file_no_statement_came_from_is_named(engines: dict[str, Engine]) -> None:
    _, asked, _, _ = next(iter(engines.values())).told()
    assert list(not_run([sql for sql in asked if "Orders that stand under two sort keys" not in sql])) == [
        "checks/duplicate"
    ]
