"""A letter says the same when it is read back from Kafka."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from jst.clock import SHANGHAI
from jst.errors import BadRecord
from jst.kafka.letter import Letter, letter_of, oversize_letter, record_letter
from jst.kafka.record import RawRecord, RecordOrigin
from jst.model.module import load_module

MODULE = load_module("sale_out")
NOON = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI)


def letter(row: object, reason: str = "bad_type", page: int = 3) -> Letter:
    origin = RecordOrigin("sale_out-1", 1, "[…]", page, 7, "gateway", NOON)
    return record_letter(MODULE, row, BadRecord("字段 qty 读不成 decimal", reason=reason), origin)


def in_kafka(body: str, page: int = 3) -> RawRecord:
    return RawRecord(0, 42, "sale_out-1", "sale_out-1", 1, 7, page, 0, 0, body)


def test_a_letter_read_back_is_the_letter_that_was_written() -> None:
    written = letter({"io_id": "CK1", "status": "?"})
    found = letter_of(in_kafka(written.body.decode()))
    assert found is not None
    module, read = found
    assert module == "sale_out"
    assert (read.key, read.reason, read.cause, read.page, read.identity) == (
        written.key, written.reason, written.cause, written.page, written.identity
    )  # fmt: skip


def test_the_same_content_with_the_same_fault_is_the_same_letter_on_any_page() -> None:
    row = {"io_id": "CK1", "status": "?"}
    assert letter(row).identity == letter(row, page=9).identity
    assert letter(row).identity != letter(row, "bad_lines").identity
    assert letter(row).identity != letter({**row, "status": "!"}).identity


@pytest.mark.parametrize("body", ["", "null", "[1]", "{}", '{"module": 1}', "not JSON", '"text"'])
def test_what_is_no_letter_of_ours_is_passed_over(body: str) -> None:
    assert letter_of(in_kafka(body)) is None


@pytest.mark.parametrize("key", ["a\x00b", "a\nb", "", 0, "000", None, [1], {"a": 1}, 1.5])
def test_a_key_that_nobody_could_ask_for_is_none(key: object) -> None:
    assert letter({"io_id": key, "o_id": None}).key == ""


@pytest.mark.parametrize("key", [261130000000611, "261130000000611"])
def test_a_key_in_whose_digits_a_phone_number_could_be_read_is_the_records_key(key: object) -> None:
    assert letter({"io_id": key}).key == "261130000000611"


def test_a_record_too_large_for_kafka_is_one_letter_however_it_changes_and_each_its_own() -> None:
    origin = RecordOrigin("sale_out-1", 1, "[…]", 3, 7, "gateway", NOON)

    def oversize(key: str, size: str) -> Letter:
        return oversize_letter(MODULE, key, BadRecord(f"{size} 字节", reason="too_large_for_kafka"), origin)

    known = oversize("13912345678", "1,200,000")
    assert known.identity == oversize("13912345678", "1,300,000").identity
    assert known.identity != oversize("13912345679", "1,200,000").identity, "both look like a phone number"
    assert "13912345678" not in known.body.decode()
    found = letter_of(in_kafka(known.body.decode()))
    assert found is not None
    assert found[1].identity == known.identity


def test_a_letter_without_its_text_is_the_same_letter() -> None:
    written = letter({"io_id": "CK1", "status": "x" * 9_000})
    short = written.without_text()
    found = letter_of(in_kafka(short.body.decode()))
    assert found is not None
    assert (found[1].identity, found[1].key, found[1].cause) == (written.identity, "CK1", written.cause)
    assert len(short.body) < 500


def test_a_letter_of_an_earlier_version_is_known_by_its_text() -> None:
    written = letter({"io_id": "CK1", "status": "?"})
    body = msgspec.json.encode({**msgspec.json.decode(written.body), "identity": ""}).decode()
    found = letter_of(in_kafka(body))
    assert found is not None
    assert found[1].identity == written.identity
