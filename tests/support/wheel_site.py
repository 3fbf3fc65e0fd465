"""The product as a package: its wheel, installed where nothing of this repository is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.layout import python_environment

ROOT = Path(__file__).parents[2]
BUILD = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site-packages of a virtual environment that has Airflow and the package, and of this repository nothing."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=True)
    folder = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(home)}))
    (folder / "airflow.pth").write_text(sysconfig.get_path("purelib"))
    with zipfile.ZipFile(wheel) as package:
        package.extractall(folder)  # what an installer does with a wheel that has nothing to compile
    return folder


def documented_bundles() -> str:
    """Read the setting that docs/connecting.md names for the package's DAGs."""
    text = (ROOT / "docs/connecting.md").read_text("utf-8")
    found = re.search(r"DAG_BUNDLE_CONFIG_LIST='(.*?)'", text, re.DOTALL)
    assert found is not None
    return found[1]


def run(
    site: Path, home: Path, *arguments: str, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python there with ``arguments``; ``home``: Airflow's; ``more``: environment variables."""
    python = site.parents[2] / "bin" / "python"
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPYCACHEPREFIX": python_environment()["PYTHONPYCACHEPREFIX"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": documented_bundles(),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        **(more or {}),
    }
    return subprocess.run([python, *arguments], cwd=home, env=env, capture_output=True, text=True, check=False)
