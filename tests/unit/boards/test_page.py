"""The page of a board: its files are those of the list, its script is one, its document lets nothing else in."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from jst.boards import page
from tests.support.search_depth import DEPTH

LIST = yaml.safe_load((page.FOLDER / "manifest.yaml").read_text("utf-8"))
PACKAGES = sorted({(facts["package"], facts["version"]) for facts in LIST.values()})
MODULES = sorted((page.FOLDER / "js").glob("*.js"))
SHAPE = {
    "id": "stock", "title": "库存 </script><b>", "lang": "zh", "refresh": 10, "viewer": "zhang.wei", "filters": {},
    "boards": [], "panels": [],
}  # fmt: skip


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("name", LIST)
def test_a_file_of_others_is_what_the_list_says(name: str) -> None:
    assert sha256(unpacked(page.FOLDER / name)).hexdigest() == LIST[name]["sha256"]


def test_everything_that_is_not_ours_stands_in_the_list() -> None:
    ours = {
        "board.html",
        "walls.html",
        "metrics.html",
        "board.css",
        "icon.svg",
        "icon-dark.svg",
        "bell.svg",
        "bell-dark.svg",
        "manifest.yaml",
        "js",
    }
    assert {path.name for path in page.FOLDER.iterdir()} - ours == set(LIST)


@pytest.mark.search
@pytest.mark.parametrize("package", PACKAGES[: DEPTH.of(0, 2)])
def test_the_list_is_what_the_packages_hold(package: tuple[str, str], tmp_path: Path) -> None:
    name, version = package
    subprocess.run(["npm", "pack", f"{name}@{version}", "--silent"], cwd=tmp_path, check=True)
    subprocess.run(["tar", "xzf", f"{name}-{version}.tgz"], cwd=tmp_path, check=True)
    for facts in LIST.values():
        if (facts["package"], facts["version"]) == package:
            assert sha256((tmp_path / "package" / facts["path"]).read_bytes()).hexdigest() == facts["sha256"], facts


def test_the_map_has_every_province_under_the_name_the_page_knows() -> None:
    regions = {
        each["properties"]["name"] for each in json.loads(gzip.decompress(page.FILES["china.json"].body))["features"]
    }
    known = set(re.findall(r': "([\u4e00-\u9fff]+)"', (page.FOLDER / "js" / "provinces.js").read_text("utf-8")))
    assert len(known) == 34
    assert regions >= known
    # ECharts adds 南海诸岛 and 钓鱼岛 only to a map `china` with a region of this name
    assert "台湾" in regions
    assert 'registerMap("china"' in page.script()


def test_the_modules_can_be_one_script() -> None:
    names = Counter(
        name
        for path in MODULES
        for name in re.findall(
            r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", path.read_text("utf-8"), re.M
        )
    )
    assert [name for name, times in names.items() if times > 1] == []
    for path in MODULES:
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("import "):
                assert line.endswith(";"), f"{path.name}: an import takes one line: {line}"
    assert not re.search(r"^(import|export)\b", page.script(), re.MULTILINE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_is_longer_than_a_page_or_two(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 250
    # dates by the browser's own zone would move a shop's day
    assert not re.search(r"\.(getHours|getDate|getMonth|getFullYear|toLocale\w*String)\(", "\n".join(lines))
    assert "innerHTML" not in "\n".join(lines)


def test_the_document_takes_a_name_as_text_and_nothing_from_elsewhere() -> None:
    document = page.html(SHAPE)
    assert document.count("</script>") == 3
    assert "<b>" not in document
    shape = json.loads(re.search(r'id="board">(.*?)</script>', document, re.S)[1])  # type: ignore[index]
    assert shape["title"] == SHAPE["title"]
    assert shape["version"] == page.VERSION
    assert shape["map"]["source"].startswith("底图")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', document)
    assert addresses
    assert {address.split("/")[0] for address in addresses} == {"files"}
    assert {address.split("/")[2] for address in addresses} <= set(page.FILES)
    assert not re.search(r"<script(?! (src|type=\"application/json\"))|<style|\sstyle=|\son\w+=", document)


def test_the_words_of_the_map_are_those_of_the_viewer() -> None:
    assert "inside the company" in page.html({**SHAPE, "lang": "en"})
