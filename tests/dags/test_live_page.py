"""The on-call pages of live feeds: each says its own, all say what is common, and a page of one's own stays whole."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from jst.airflow.live_page import HEADINGS, live_page
from local.layout import ROOT

FEEDS = ("inventory", "sale_out", "after_sale")


def own(module: str) -> str:
    """What the DAG file itself says."""
    return ast.get_docstring(ast.parse((ROOT / f"dags/jst_{module}.py").read_text("utf-8")), clean=False) or ""


@pytest.mark.parametrize("module", FEEDS)
def test_a_page_says_all_of_its_own_and_all_that_is_common(dags: dict[str, Any], module: str) -> None:
    page = dags[f"jst_{module}"].doc_md
    common = live_page("# 实时\n")
    assert [line for line in own(module).splitlines() if line not in page] == []
    assert [line for line in common.splitlines()[1:] if line not in page.splitlines()] == []
    assert page.index("## 搬什么") < page.index("Kafka `ods.") < page.index("一次运行是**一班**")


def test_a_file_repeats_nothing_that_is_common() -> None:
    common = {line for line in live_page("# 实时\n").splitlines() if len(line) > 30}
    for module in FEEDS:
        assert common.isdisjoint(own(module).splitlines())


def test_a_page_with_all_headings_stays_as_it_is() -> None:
    whole = "# 我的模块\n\n" + "\n\n".join(f"## {heading}\n自己的话。" for heading in HEADINGS) + "\n"
    assert live_page(whole) == whole
