"""Nothing personal reaches a dead letter, whatever shape the row has."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jst.model.module import load_module
from jst.model.scrub import LARGEST_BYTES, mask_phones, mask_phones_in_id, scrub

SALE_OUT = load_module("sale_out")
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
AROUND = st.text(
    st.characters(exclude_categories=["Nd", "Cs"]), max_size=12
)  # digits around it: an id, in an id's place
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | MOBILE | MOBILE.map(int)
NAMES = st.sampled_from(["io_id", "shop_id", "items", "receiver_mobile", "remark", "labels", "x"]) | st.text(max_size=4)


def tree(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        leaves, lambda deep: st.lists(deep, max_size=4) | st.dictionaries(NAMES, deep, max_size=4), max_leaves=12
    )


@given(tree(LEAVES | st.tuples(AROUND, MOBILE, AROUND).map("".join)))
def test_no_mobile_number_survives_in_any_json(row: object) -> None:
    assert not re.search(r"1[3-9]\d{9}", scrub(row, SALE_OUT))
    assert not re.search(r"1[3-9]\d{9}", scrub(json.dumps(row), SALE_OUT))
    assert not re.search(r"1[3-9]\d{9}", scrub(json.dumps(row, ensure_ascii=False)[:-2], SALE_OUT))


@pytest.mark.parametrize(
    "number",
    [
        "13912345678",
        "139 1234 5678",
        "139-1234-5678",
        "139.1234.5678",
        "+8613912345678",
        "+86 139 1234 5678",
        "0086-13912345678",
        "１３９１２３４５６７８",
        "１３９－１２３４ ５６７８".replace("－", "-"),
        "0755-12345678",
        "010 6552 9988",
        "(0571)88886666",
        "+86-10-65529988",
    ],
)
def test_phone_numbers_in_every_spelling_are_masked(number: str) -> None:
    assert mask_phones(f"call {number} now") == "call ［电话］ now"


@pytest.mark.parametrize("text", ["2025-09-16 12:00:00", "12.0500000001", "SO202509160001", "10.20.30.40", "A001 x 2"])
def test_what_is_no_phone_number_stays(text: str) -> None:
    assert mask_phones(text) == text


@pytest.mark.parametrize(
    "key", ["261130000000611", "10820261130000000611", "LP-261130000000611", "CK1", "261130000000611@2"]
)
def test_a_number_longer_than_a_phones_is_an_id_whatever_lies_in_it(key: str) -> None:
    assert mask_phones_in_id(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "13912345678",
        "+8613912345678",
        "8613912345678",
        "008613912345678",
        "+8675512345678",
        "075512345678",
        "x 139 1234 5678",
    ],
)
def test_a_phone_number_in_an_ids_place_is_masked(key: str) -> None:
    assert "1234" not in mask_phones_in_id(key)


def test_ids_of_a_row_stay_whole_and_other_fields_hide_what_looks_like_a_phone_number() -> None:
    row = {
        "io_id": 261130000000611,
        "so_id": "10820261130000000611",
        "freight": 13912345678,
        "labels": "261130000000611",
    }
    assert json.loads(scrub(row, SALE_OUT)) == {**row, "freight": "［电话］", "labels": "261［电话］1"}


def test_an_object_keeps_only_allow_listed_fields() -> None:
    row = {
        "io_id": "CK1",
        "shop_name": "天猫旗舰店",
        "receiver_name": "Tom",
        "receiver_address": "Elm Street 5",
        "surprise": "Tom",
        "qty": 1,
        "items": [{"sku_id": "A红", "qty": "abc", "receiver_phone": "5", "who": "Tom"}, "line of Tom"],
    }
    assert json.loads(scrub(row, SALE_OUT)) == {
        "io_id": "CK1",
        "shop_name": "天猫旗舰店",
        "items": [{"sku_id": "A红", "qty": "abc"}, "line of Tom"],
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"io_id":"12","receiver_name":"Tom","qty":',
        '{"io_id":"12","receiver_name":"To\\"m Tom","qty":1}',
        '{"io_id":"12","receiver_name":"Tom',
        '"{\\"io_id\\":\\"12\\",\\"receiver_name\\":\\"Tom\\"}"',
        "{'io_id':'12','buyer_nick' : 'Tom'}",
        "io_id=12&receiver_name=Tom&qty=1",
        '{"io_id":"12","Receiver":{"first":"Tom"}}',
        '{"io_id":"12","receiverName":"Tom"}',
        '{"io_id":"12","l_id":"Tom"}',
        "io_id 12 收货人：Tom",
    ],
)
def test_values_behind_personal_keys_are_masked_in_broken_text(text: str) -> None:
    scrubbed = scrub(text, SALE_OUT)
    assert "Tom" not in scrubbed
    assert "12" in scrubbed


def test_free_chinese_text_without_a_key_may_be_a_name_and_is_masked() -> None:
    assert scrub("CK1 张三 杭州市 13912345678", SALE_OUT) == "CK1 ＊ ＊ ［电话］"


def test_a_nested_value_where_a_plain_one_belongs_is_named_not_shown() -> None:
    row = {"io_id": {"receiver_name": "Tom"}, "shop_id": ["Tom"], "freight": "张三"}
    assert json.loads(scrub(row, SALE_OUT)) == {"io_id": "［对象］", "shop_id": "［列表］", "freight": "＊"}


@pytest.mark.parametrize("row", ["汉字" * 60_000, {"io_id": "x" * 200_000}, "\ud800" * 70_000, "é" * 65_537])
def test_a_huge_row_is_cut_with_a_mark(row: object) -> None:
    scrubbed = scrub(row, SALE_OUT)
    assert len(scrubbed.encode()) <= LARGEST_BYTES
    assert ("已截断" in scrubbed) == (not str(row).startswith("汉"))  # free Chinese text shrinks to one star


@pytest.mark.parametrize("row", [None, 12, True, [], {}, "", [[1], {"io_id": "1"}, "x"]])
def test_every_json_value_gives_text(row: object) -> None:
    assert isinstance(scrub(row, SALE_OUT), str)
