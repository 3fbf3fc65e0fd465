"""The browser of the tests that click through Airflow's UI: the system's Chromium, or Chrome.

Standard library only: the bootstrap reads this before the virtual environment exists.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local.layout import LocalError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
"""Debian's names; without the fonts a picture of a failed test shows boxes for Chinese."""


def find() -> Path | None:
    """Return the browser's program; None when there is none."""
    found = (shutil.which(name) for name in _NAMES)
    return next((Path(path) for path in found if path), None)


def installing() -> list[list[str]]:
    """Return the commands that install it; raises LocalError where only a person can."""
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        raise LocalError(
            "缺少浏览器 Chromium（或 Chrome），make test 用它测试 Airflow 里的页面：请安装它"
            f"（例如 sudo apt install {' '.join(PACKAGES)}）后重试；不需要浏览器的快速检查是 make check"
        )
    patiently = ["-o", "DPkg::Lock::Timeout=300"]
    return [
        ["apt-get", *patiently, "update", "-q"],
        ["apt-get", *patiently, "install", "-q", "-y", "--no-install-recommends", *PACKAGES],
    ]
