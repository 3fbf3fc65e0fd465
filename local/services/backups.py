"""``make backup`` and ``make restore``: the package's own commands on this machine's servers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from local.layout import Layout, python_environment
from local.services import clickhouse, postgres
from local.services.process import Step

ASKED = "RESTORE_FROM"
"""Environment variable by which a start is asked to restore first: a backup's name, or ``newest``."""


def folder(layout: Layout) -> Path:
    """Return where backups lie: ``make clean`` leaves them alone."""
    return layout.home / "backups"


def environment(layout: Layout) -> dict[str, str]:
    """Return what ``python -m jst.backup`` reads."""
    return {
        **python_environment(),
        **clickhouse.environment(layout),
        "JST_CONTROL_DSN": postgres.control_dsn(layout),
        "JST_BACKUP_FOLDER": str(folder(layout)),
        "PATH": os.pathsep.join([str(postgres.binaries()), os.environ.get("PATH", "")]),
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jst.backup", *arguments]


def save(layout: Layout) -> int:
    """Make a backup of the running stack; returns the command's exit status."""
    return subprocess.run(command("save"), env={**os.environ, **environment(layout)}, check=False).returncode


def restore(layout: Layout, name: str) -> Step:
    """Build the step that fills empty servers before anything else uses them."""
    return Step(
        name="restore",
        title="从备份恢复",
        argv=command("restore", *([] if name == "newest" else [name])),
        env=environment(layout),
        log=layout.log("restore"),
        seconds=3600.0,
    )
