"""The control database's schema: applied once, whoever asks, however often; its history cannot be rewritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from jst.control.database import Database
from jst.control.postgres_migrations import FOLDER, check_schema, migrate
from jst.errors import Misconfigured
from tests.support.other_processes import Workers

pytestmark = pytest.mark.postgres
RACER = """
import os
from jst.control.database import Database
from jst.control.postgres_migrations import migrate
with Database(os.environ["JST_CONTROL_DSN"]) as database:
    print(len(migrate(database)))
"""


@pytest.fixture
def empty_dsn(postgres_dsn: str) -> Iterator[str]:
    """A schema without tables in the test run's database."""
    with Database(postgres_dsn) as database:
        database.rows("CREATE SCHEMA fresh")
        yield f"{postgres_dsn}?options=-csearch_path%3Dfresh"
        database.rows("DROP SCHEMA fresh CASCADE")


@pytest.fixture
def empty(empty_dsn: str) -> Iterator[Database]:
    with Database(empty_dsn) as database:
        yield database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The real migrations, to be tampered with."""
    return Path(shutil.copytree(FOLDER, tmp_path / "control"))


def tables(database: Database) -> set[str]:
    return {name for (name,) in database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'fresh'")}


def test_the_second_time_nothing_is_applied(empty: Database) -> None:
    assert migrate(empty) == sorted(path.name for path in FOLDER.glob("*.sql"))
    before = tables(empty)
    assert {"plan", "receipt", "watermark", "letter"} < before
    assert migrate(empty) == []
    assert tables(empty) == before


def test_what_was_applied_from_another_folder_is_known_by_its_name(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    assert migrate(empty) == []


def test_a_new_file_is_applied_alone(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "0099_create_extra.sql").write_text("CREATE TABLE extra (n integer);", "utf-8")
    assert migrate(empty, folder) == ["0099_create_extra.sql"]
    assert "extra" in tables(empty)
    assert migrate(empty) == []  # an older program goes on beside what a newer one has added
    check_schema(empty)


def test_a_program_newer_than_the_tables_says_which_dag_to_run(empty: Database, folder: Path) -> None:
    with pytest.raises(Misconfigured, match=r"还缺 \d+ 个迁移，从 0001_.*运行 DAG jst_schema"):
        check_schema(empty)
    newest = max(folder.glob("*.sql"))
    newest.unlink()
    migrate(empty, folder)
    with pytest.raises(Misconfigured, match=f"还缺 1 个迁移，从 {newest.name} 起"):
        check_schema(empty)


@pytest.mark.parametrize(("tamper", "word"), [("change", "被改过"), ("remove", "不见了")])
def test_rewritten_history_is_refused_by_name(empty: Database, folder: Path, tamper: str, word: str) -> None:
    migrate(empty, folder)
    applied = sorted(folder.glob("*.sql"))[0]
    if tamper == "change":
        applied.write_text(applied.read_text("utf-8") + "\n-- harmless?", "utf-8")
    else:
        applied.unlink()
    (folder / "0099_create_extra.sql").write_text("CREATE TABLE extra (n integer);", "utf-8")
    with pytest.raises(Misconfigured) as refusal:
        migrate(empty, folder)
    assert applied.name in str(refusal.value)
    assert word in str(refusal.value)
    assert "extra" not in tables(empty)


def test_a_broken_file_leaves_nothing_half_done(empty: Database, folder: Path) -> None:
    (folder / "0099_broken.sql").write_text("CREATE TABLE extra (n integer); SELECT nonsense;", "utf-8")
    with pytest.raises(psycopg2.ProgrammingError, match="nonsense"):
        migrate(empty, folder)
    assert tables(empty) == set()
    (folder / "0099_broken.sql").unlink()
    assert migrate(empty, folder)


def test_three_processes_at_once_apply_it_once(empty_dsn: str, workers: Workers) -> None:
    racers = [workers.run(["-c", RACER], empty_dsn) for _ in range(3)]
    applied = sorted(int(racer.communicate(timeout=30)[0]) for racer in racers)
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert applied == [0, 0, len(list(FOLDER.glob("*.sql")))]
