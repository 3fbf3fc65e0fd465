"""Asking by key: what cannot be asked, or is not answered, is named; a source that answers no key is found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from jst.erp.client import Page
from jst.errors import Misconfigured, Retry, Unaccepted
from jst.flow.reading.by_key import ByKey
from jst.flow.reading.by_window import PageView, Reading
from jst.model.module import Endpoint, load_module
from tests.support.fake_source import NOON, FakeClock

MODULE = load_module("inventory")
TROUBLE = Retry("没有答复", do="再试")


class Refusals:
    """What the control database remembers."""

    def __init__(self) -> None:
        self.said = ""
        self.asked_again = False

    def stands(self, module: str) -> bool:
        return bool(self.said) and not self.asked_again

    def note(self, module: str, said: str) -> bool:
        new, self.said = not self.said, said
        return new

    def forget(self, module: str) -> bool:
        known, self.said = bool(self.said), ""
        return known


class Shop:
    """A source of stock that knows some keys. ``by_key``: how it takes questions by key; ``odd``: keys it refuses."""

    dialect = "openapi"

    def __init__(self, *known: str, by_key: str = "answered", odd: Sequence[str] = (), most: int = 100) -> None:
        self.known, self.by_key, self.odd, self.most = known, by_key, odd, most
        self.asked: list[list[str]] = []
        self.windows = 0

    def page(self, *_: Any, **__: Any) -> Page:
        self.windows += 1
        if self.by_key == "away":
            raise TROUBLE
        if self.by_key == "misconfigured":
            raise Unaccepted("不接受请求参数", do="改正")
        return self._answer(self.known)

    def keys(self, module: Any, keys: Sequence[str], *, origin: str) -> Page:
        self.asked.append(list(keys))
        if self.by_key in ("refused", "misconfigured") or set(self.odd) & set(keys):
            raise Unaccepted("聚水潭不接受请求参数（HTTP 400，code 130：不支持的参数）", do="核对")
        if self.by_key == "away":
            raise TROUBLE
        if self.by_key == "ignored":
            return self._answer(self.known[:2])
        return self._answer([] if self.by_key == "empty" else [key for key in self.known if key in keys])

    def _answer(self, keys: Sequence[str]) -> Page:
        rows = tuple({"sku_id": key} for key in keys)
        return Page(1, rows[: self.most], None, len(rows) > self.most, NOON, "", 1, 1)


def read(shop: Shop, *keys: str, refusals: Refusals | None = None, endpoint: Endpoint | None = None) -> Reading | None:
    module = MODULE if endpoint is None else replace(MODULE, dialects={"openapi": endpoint})
    by_key = ByKey(module, shop, refusals or Refusals(), FakeClock(), lambda: (0,))  # type: ignore[arg-type]

    def accept(page: Page) -> PageView:
        return PageView(tuple(row["sku_id"] for row in page.rows), page.total, page.has_next)  # type: ignore[index]

    return by_key.read(keys, lambda chunk: shop.keys(module, chunk, origin="backfill"), accept, "backfill")


def test_every_key_is_asked_for_a_page_at_a_time_and_one_without_a_record_is_named() -> None:
    shop = Shop("a", "b", "c")
    reading = read(shop, "a", "b", "c", "gone", endpoint=replace(MODULE.dialects["openapi"], keys_most=3))
    assert reading is not None
    assert shop.asked == [["a", "b", "c"], ["gone"]]
    assert (reading.keys, reading.proof) == ({"a", "b", "c"}, "set")
    assert reading.reason == "1 个主键源端没有给出（gone）"


def test_a_key_the_source_would_take_for_two_is_not_asked_for_and_nothing_is_proven() -> None:
    shop = Shop("RED", "RED,L", "plain")
    reading = read(shop, "RED,L", "plain")
    assert reading is not None
    assert shop.asked == [["plain"]]
    assert (reading.keys, reading.proof) == ({"plain"}, "")
    assert "听不懂" in reading.reason
    assert "RED,L" in reading.reason


@pytest.mark.parametrize("keys_as", ["list", "numbers", "comma"])
@pytest.mark.parametrize(
    "key", ["12", "007", "红色-L", "a,b", "a;b", "a b", 'a"b', "a%2Cb", "a，b", " a", "a\n", "", "１２", "1.0"]
)
def test_only_what_comes_back_as_the_same_key_is_asked_for(keys_as: str, key: str) -> None:
    """What a source makes of the request: a list as it is, text that is cut at commas, or numbers."""
    endpoint = Endpoint("/x", 50, 1.0, keys_as=keys_as)
    if endpoint.understands(key):
        spelled: list[str] = key.split(",") if keys_as == "comma" else [str(int(key)) if keys_as == "numbers" else key]
        assert [each.strip() for each in spelled] == [key]
    else:
        assert keys_as == "numbers" or "," in key or key.strip() != key or key == ""


def test_one_key_the_source_refuses_takes_no_other_along() -> None:
    keys = [f"k{number}" for number in range(40)]
    shop = Shop(*keys, odd=["k7"])
    reading = read(shop, *keys)
    assert reading is not None
    assert (reading.keys, reading.proof) == (set(keys) - {"k7"}, "")
    assert "k7" in reading.reason
    assert len(shop.asked) < 20


def test_an_answer_that_says_there_is_more_is_asked_for_in_parts() -> None:
    keys = [f"k{number}" for number in range(9)]
    reading = read(Shop(*keys, most=4), *keys)
    assert reading is not None
    assert (reading.keys, reading.proof, reading.reason) == (set(keys), "set", "")


@pytest.mark.parametrize("by_key", ["refused", "ignored", "empty"])
def test_a_source_that_answers_windows_only_is_found_out_with_two_questions_and_said_once(
    by_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop, refusals = Shop("a", "b", "c", by_key=by_key), Refusals()
    assert read(shop, "x", "y", refusals=refusals) is None
    assert (len(shop.asked), shop.windows) == (2, 1)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "只按时间窗口回答" in caplog.text
    assert read(shop, "x", refusals=refusals) is None
    assert (len(shop.asked), shop.windows) == (2, 1), "it is not asked again"
    refusals.asked_again = True
    assert read(shop, "x", refusals=refusals) is None
    assert caplog.text.count("只按时间窗口回答") == 1
    shop.by_key = "answered"
    reading = read(shop, "a", refusals=refusals)
    assert reading is not None
    assert (reading.keys, refusals.said) == ({"a"}, "")


@pytest.mark.parametrize(("by_key", "error"), [("away", Retry), ("misconfigured", Misconfigured)])
def test_trouble_of_another_kind_teaches_nothing(by_key: str, error: type[Exception]) -> None:
    refusals = Refusals()
    with pytest.raises(error):
        read(Shop("a", by_key=by_key), "a", refusals=refusals)
    assert refusals.said == ""


def test_keys_the_source_has_no_record_of_are_no_refusal() -> None:
    refusals = Refusals()
    reading = read(Shop("a", "b"), "gone", "lost", refusals=refusals)
    assert reading is not None
    assert (reading.proof, refusals.said) == ("set", "")
    assert "2 个主键源端没有给出" in reading.reason
