"""An older version of this repository: its files, and what it makes of the databases."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from local.layout import ROOT, LocalError

_MIGRATIONS = "include/sql/migrations"
_MAKE_TABLES = ("jst.control.postgres_migrations", "jst.warehouse.clickhouse_migrations")


class OlderVersion:
    """``commit``, unpacked into ``root``; it runs with the Python packages of this version."""

    def __init__(self, commit: str, root: Path) -> None:
        self.root, self.name = (
            root,
            _git("log", "-1", "--format=%h（%ad）", "--date=format:%F %T", commit).decode().strip(),
        )
        shutil.rmtree(root, ignore_errors=True)
        with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", commit))) as files:
            files.extractall(root, filter="data")

    @property
    def version_rule(self) -> int:
        """By which rule it makes versions of rows (docs/decisions/0061); 0: by none that has a number."""
        file = self.root / "plugins/jst/control/load_lock.py"
        found = re.search(r"^VERSION_RULE = (\d+)", file.read_text("utf-8") if file.exists() else "", re.MULTILINE)
        return int(found[1]) if found else 0

    def missing_migrations(self) -> list[str]:
        """List the migrations of this version that it does not have."""

        def names(root: Path) -> set[str]:
            return {str(path.relative_to(root / _MIGRATIONS)) for path in (root / _MIGRATIONS).rglob("*.sql")}

        return sorted(names(ROOT) - names(self.root))

    def make_tables(self, environment: Mapping[str, str]) -> None:
        """Bring both databases to the older version. Raises LocalError."""
        known = {**os.environ, **environment, "PYTHONPATH": str(self.root / "plugins")}
        for module in _MAKE_TABLES:
            done = subprocess.run(
                [sys.executable, "-m", module], env=known, cwd=self.root, capture_output=True, text=True
            )
            if done.returncode:
                raise LocalError(f"旧版本的 {module} 失败：{(done.stderr or done.stdout).strip()[-400:]}")


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise LocalError(f"git {arguments[0]} 失败：{done.stderr.decode().strip()[-300:]}")
    return done.stdout
