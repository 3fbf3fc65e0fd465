"""A deployment that forgot a folder says so in every DAG, in one sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORT_ALL = """
import pathlib, runpy, sys
for path in sorted(pathlib.Path(sys.argv[1]).glob("jst_*.py")):
    try:
        runpy.run_path(str(path))
        print(path.name, "imports")
    except Exception as error:
        print(error)
"""


def test_without_include_every_dag_names_the_folder(tmp_path: Path) -> None:
    for folder in ("dags", "plugins"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, str(tmp_path / "dags")],
        env={"PYTHONPATH": str(tmp_path / "plugins"), "AIRFLOW_HOME": str(tmp_path / "home"), "PATH": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = [line for line in done.stdout.splitlines() if line.endswith("imports") or "include" in line]
    assert len(said) == len(list((ROOT / "dags").glob("jst_*.py"))) > 10
    what, do = (
        f"缺少文件夹 include/：应当在 {tmp_path / 'include'}",
        "把 include/ 与 dags/、plugins/ 放在同一个文件夹里一起部署",
    )
    assert set(said) == {f"{what}。处理：{do}"}
