"""Logs of a stack that runs for months: each is cut at a size, one older part is kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_LARGEST = 32 * 1024 * 1024


def rotate(folder: Path) -> None:
    """Copy and truncate: the writers append and keep their handles."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > _LARGEST:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
