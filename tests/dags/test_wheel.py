"""``pip install .``: the package alone, in an environment without this repository, is all of the product."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.support.wheel_site import run, site, wheel

__all__ = ["site", "wheel"]

ROOT = Path(__file__).parents[2]
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


def test_in_an_empty_environment_every_dag_imports(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "-c", LOOK)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == {}
    assert found["dags"] == sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
    assert "jushuitan" in found["types"]
    assert found["pages"] == ["/jst"]
    ours = {f"jst.airflow.timetables.{name}" for name in ("BusinessDayTimetable", "ShiftTimetable")}
    assert ours <= set(found["timetables"])
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
        done = run(site, tmp_path, "-c", code)
        assert done.returncode == 1
        said = done.stderr.splitlines()[-1]
        assert (
            f"jst-lingyang 装了两份：pip 安装的 {site / 'jst'} 和 plugins 文件夹里的 {tmp_path / 'plugins/jst'}" in said
        )
        assert "处理：只留一份" in said
