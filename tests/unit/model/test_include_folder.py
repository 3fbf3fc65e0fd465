"""Which include/ the code works with: one's own beside plugins/, else the one the package carries."""

from __future__ import annotations

from pathlib import Path

import pytest

from jst.errors import Misconfigured
from jst.model.include_folder import include_folder


def made(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return made(tmp_path / "site-packages" / "jst", "model/a.py", "include/config/b.yaml", "include/sql/c.sql")


def test_the_package_has_its_own(package: Path, tmp_path: Path) -> None:
    made(tmp_path / "include", "config/stranger.yaml")  # beside site-packages, which is no plugins folder
    path = ["", str(package.parent), str(tmp_path / "airflow" / "plugins")]
    assert include_folder(package, path) == package / "include"


def test_a_folder_beside_plugins_wins(package: Path, tmp_path: Path) -> None:
    own = made(tmp_path / "airflow" / "include", "config/b.yaml", "sql/c.sql", "config/modules/own.yaml")
    assert include_folder(package, [str(package.parent), str(tmp_path / "airflow" / "plugins")]) == own


def test_one_of_an_older_version_is_refused_by_a_file_it_lacks(package: Path, tmp_path: Path) -> None:
    own = made(tmp_path / "airflow" / "include", "config/b.yaml")
    with pytest.raises(Misconfigured, match=r"include 缺少这个版本的 1 个文件，例如 sql/c\.sql") as caught:
        include_folder(package, [str(tmp_path / "airflow" / "plugins")])
    assert f"从 {package / 'include'} 把它们复制过来；没有改动过任何文件时，直接删去 {own}" in str(caught.value)


def test_a_plugins_folder_has_it_beside_itself(tmp_path: Path) -> None:
    plugins = made(tmp_path / "plugins", "jst/model/a.py")
    other = made(
        tmp_path / "other" / "plugins", "jst/model/a.py"
    )  # another clone on the path is no second installation
    with pytest.raises(Misconfigured, match="缺少文件夹 include/：应当在"):
        include_folder(plugins / "jst", [str(plugins), str(other)])
    own = made(tmp_path / "include", "config/b.yaml")
    assert include_folder(plugins / "jst", [str(plugins), str(other)]) == own


def test_package_and_plugins_folder_at_once_are_refused_by_both(package: Path, tmp_path: Path) -> None:
    plugins = made(tmp_path / "airflow" / "plugins", "jst/model/a.py")
    made(tmp_path / "airflow" / "include", "config/b.yaml", "sql/c.sql")
    path = [str(package.parent), str(plugins)]
    for mine in (package, plugins / "jst"):
        with pytest.raises(Misconfigured, match="装了两份") as caught:
            include_folder(mine, path)
        assert f"pip 安装的 {package} 和 plugins 文件夹里的 {plugins / 'jst'}" in str(caught.value)
