"""The disk of the machine this process runs on: an incident before it is an outage."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import NamedTuple

from jst.control.incidents import Incidents

KIND = "disk_full"
SHARE, BYTES = 0.1, 20e9
"""Less than both must be left: a tenth of a large disk lasts for weeks, 20 GB of a small one may be half of it."""


class Usage(NamedTuple):
    """Bytes of a disk, as ``shutil.disk_usage`` gives them."""

    total: int
    used: int
    free: int


def look_at_disk(incidents: Incidents, folder: Path, usage: Usage | None = None) -> bool:
    """Open an incident when the disk of ``folder`` is nearly full, close it when it is not; returns whether it is."""
    machine, known = socket.gethostname(), usage or Usage(*shutil.disk_usage(folder))
    if known.free >= known.total * SHARE or known.free >= BYTES:
        incidents.close(KIND, "", machine)
        return False
    left = f"{known.free / 1e9:.1f} GB（{known.free / known.total:.0%}）"
    incidents.open(
        KIND, "", machine, f"机器 {machine} 的磁盘快满了：{folder} 所在的磁盘只剩 {left}",
        "清理或扩容这台机器的磁盘；各种数据保留多久见 docs/retention.md",
    )  # fmt: skip
    return True
