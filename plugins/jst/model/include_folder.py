"""Find the folder include/: beside plugins/, or inside the installed package."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jst.errors import Misconfigured

PACKAGE = Path(__file__).parents[1]


def include_folder(package: Path = PACKAGE, path: Sequence[str] | None = None) -> Path:
    """Return the folder include/ that this code works with.

    Code in a plugins folder has it beside that folder. An installed package carries one, and a folder beside the
    plugins folder, which holds what a company changed, wins. ``path``: where Python looks for code, ``sys.path`` by
    default. Raises Misconfigured when there is none, when the one beside plugins/ lacks files of this version, or when
    package and plugins folder are both there: which of the two runs would depend on the process.
    """
    places = [Path(place) for place in (sys.path if path is None else path) if place]
    carried = package / "include"
    _refuse_two(package, places)
    if not carried.is_dir():
        # without it there would be no modules, and every DAG would look idle and well
        return _existing(package.parents[1] / "include")
    beside = (place.parent / "include" for place in places if place.name == "plugins")
    own = next((folder for folder in beside if (folder / "config").is_dir()), None)
    return carried if own is None else _complete(own, carried)


def _refuse_two(package: Path, places: Sequence[Path]) -> None:
    for place in places:
        other = place / package.name
        installed = [(folder / "include").is_dir() for folder in (package, other)]
        if any(installed) and (other / "model").is_dir() and not other.samefile(package):
            wheel, plugins = (package, other) if installed[0] else (other, package)
            raise Misconfigured(
                f"jst-lingyang 装了两份：pip 安装的 {wheel} 和 plugins 文件夹里的 {plugins}",
                do="只留一份：pip uninstall jst-lingyang，或从 plugins 文件夹里删去 jst、jst_plugin.py、"
                "jst_days_plugin.py 和 jst_lingyang.dist-info",
            )


def _existing(folder: Path) -> Path:
    if not (folder / "config").is_dir():
        raise Misconfigured(
            f"缺少文件夹 include/：应当在 {folder}", do="把 include/ 与 dags/、plugins/ 放在同一个文件夹里一起部署"
        )
    return folder


def _complete(own: Path, carried: Path) -> Path:
    files = (path.relative_to(carried) for path in sorted(carried.rglob("*")) if path.is_file())
    missing = [path for path in files if not (own / path).exists()]
    if missing:
        raise Misconfigured(
            f"{own} 缺少这个版本的 {len(missing)} 个文件，例如 {missing[0]}",
            do=f"从 {carried} 把它们复制过来；没有改动过任何文件时，直接删去 {own}",
        )
    return own
