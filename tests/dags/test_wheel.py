"""``pip install .``: the package alone, in an environment without this repository, is all of the product."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from local.layout import python_environment

ROOT = Path(__file__).parents[2]
BUILD = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
LOOK = """
import json
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag
from airflow.plugins_manager import get_fastapi_plugins, get_timetables_plugins
from airflow.providers_manager import ProvidersManager
from jst.model.module import INCLUDE

bag = DagBag(str(DagBundlesManager().get_bundle("jst").path))
print(json.dumps({
    "dags": sorted(bag.dags), "errors": {path: str(error) for path, error in bag.import_errors.items()},
    "types": [meta.connection_type for meta in ProvidersManager().iter_connection_type_hook_ui_metadata()],
    "pages": [app["url_prefix"] for app in get_fastapi_plugins()[0]], "timetables": list(get_timetables_plugins()),
    "include": str(INCLUDE),
}))
"""


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


def run(site: Path, home: Path, code: str) -> subprocess.CompletedProcess[str]:
    python = site.parents[2] / "bin" / "python"
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPYCACHEPREFIX": python_environment()["PYTHONPYCACHEPREFIX"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": documented_bundles(),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }
    return subprocess.run([python, "-c", code], cwd=home, env=env, capture_output=True, text=True, check=False)


def test_in_an_empty_environment_every_dag_imports(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, LOOK)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == {}
    assert found["dags"] == sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
    assert "jushuitan" in found["types"]
    assert found["pages"] == ["/jst"]
    assert "jst.airflow.timetables.BusinessDayTimetable" in found["timetables"]
    assert found["include"] == str(site / "jst" / "include")


def test_it_carries_every_file_of_include(site: Path) -> None:
    for folder in ("include", "dags"):
        here = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()}
        carried = {path.relative_to(site / "jst" / folder) for path in (site / "jst" / folder).rglob("*")}
        assert {path for path in here if "__pycache__" not in path.parts} <= carried


def test_beside_a_plugins_folder_with_our_code_it_refuses_to_work(site: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "plugins", tmp_path / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    for path in ([site, tmp_path / "plugins"], [tmp_path / "plugins", site]):
        code = f"import sys; sys.path[:0] = {[str(each) for each in path]!r}; import jst.model.module"
        done = run(site, tmp_path, code)
        assert done.returncode == 1
        said = done.stderr.splitlines()[-1]
        assert (
            f"jst-lingyang 装了两份：pip 安装的 {site / 'jst'} 和 plugins 文件夹里的 {tmp_path / 'plugins/jst'}" in said
        )
        assert "处理：只留一份" in said
