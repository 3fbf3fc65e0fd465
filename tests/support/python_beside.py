"""A Python that has other packages beside all we have: fetched once, for tests of what few installations have."""

from __future__ import annotations

import subprocess
import sysconfig
import venv
from pathlib import Path

from local.layout import TOOLS


def python_beside(name: str, *packages: str) -> Path:
    """Return its interpreter. ``name``: of its folder; ``packages``: as pip names them, versions included."""
    folder = TOOLS / name
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        ours = sysconfig.get_path("purelib")
        beside = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
        (Path(beside.decode().strip()) / "ours.pth").write_text(ours, "utf-8")
        wanted = [*packages, "apache-airflow==3.3.2"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True, timeout=600)
        (folder / "complete").touch()
    return python
