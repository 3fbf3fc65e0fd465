"""Each fault does what its name says, as often as it was told, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.sandbox_driver import ORDERS, SKUS, Driver, parse


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("storm_429", 429, 42901),
        ("token_expired", 401, 40102),
        ("ip_refused", 403, 40301),
        ("permission_refused", 403, 40302),
    ],
)
def test_refusals(busy: Driver, fault: str, status: int, code: int) -> None:
    busy.fault(**{fault: {"times": 2}})
    answers = [busy.ask() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].json()["code"] == code


def test_a_storm_says_when_to_come_back(busy: Driver) -> None:
    busy.fault(storm_429={})
    assert busy.ask().headers["Retry-After"] == "1"


def test_the_ip_refusal_names_the_caller_and_knows_an_allow_list(busy: Driver) -> None:
    busy.fault(ip_refused={"allow": ["10.1.1.1"]})
    assert "127.0.0.1" in busy.ask().json()["msg"]
    busy.caller = "10.1.1.1"
    assert busy.ask().status_code == 200


def test_server_errors_are_not_json(busy: Driver) -> None:
    busy.fault(http_500={"times": 1}, http_502_html={"times": 1})
    first, second = busy.ask(), busy.ask()
    assert (first.status_code, first.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert (second.status_code, second.text[:6]) == (502, "<html>")


def test_a_cut_line_gives_no_answer(busy: Driver) -> None:
    busy.fault(drop={"times": 1})
    with pytest.raises(ConnectionResetError):
        busy.ask()
    busy.fault(timeout={"seconds": 33})
    with pytest.raises(ConnectionResetError):
        busy.ask()
    busy.fault(slow={"seconds": 4})
    assert parse(busy.ask())["datas"]
    assert busy.slept == [33, 4]


@pytest.mark.parametrize(
    ("fault", "field"), [("missing_datas", "datas"), ("has_next_missing", "has_next"), ("total_missing", "total")]
)
def test_missing_parts(busy: Driver, fault: str, field: str) -> None:
    whole = set(parse(busy.ask()))
    busy.fault(**{fault: {}})
    assert whole - set(parse(busy.ask())) == {field}


def test_datas_null(busy: Driver) -> None:
    busy.fault(datas_null={})
    assert parse(busy.ask())["datas"] is None


def test_odd_forms_of_code_and_has_next(busy: Driver) -> None:
    busy.fault(code_as_string={}, has_next_odd={"form": "number"})
    answer = parse(busy.ask())
    assert (answer["code"], answer["has_next"]) == ("0", 1)
    busy.fault(has_next_odd={})
    assert parse(busy.ask())["has_next"] == "true"


def test_truncated_json(busy: Driver) -> None:
    busy.fault(truncated_json={})
    answer = busy.ask()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_numbers_as_strings_keep_their_digits(busy: Driver) -> None:
    busy.post("freeze")
    good = parse(busy.ask(page_size=3))
    busy.fault(numbers_as_strings={})
    spoiled = parse(busy.ask(page_size=3))
    assert spoiled["total"] == str(good["total"])
    assert [row["pay_amount"] for row in spoiled["datas"]] == [str(row["pay_amount"]) for row in good["datas"]]
    assert spoiled["datas"][0]["shop_id"] == str(good["datas"][0]["shop_id"])
    assert spoiled["datas"][0]["io_date"] == good["datas"][0]["io_date"]


def test_unknown_field(busy: Driver) -> None:
    busy.post("freeze")
    good = parse(busy.ask())["datas"]
    busy.fault(unknown_field={})
    assert parse(busy.ask())["datas"] == [{"sandbox_unknown": "x", **row} for row in good]


def spoiled_rows(erp: Driver, **faults: Any) -> list[tuple[Any, Any]]:
    """(good, spoiled) pairs of the rows that differ."""
    erp.post("freeze")
    good = parse(erp.ask())["datas"]
    erp.fault(**faults)
    return [(a, b) for a, b in zip(good, parse(erp.ask())["datas"], strict=True) if a != b]


def test_a_garbled_record_is_broken_text_with_a_mobile_number(busy: Driver) -> None:
    ((_, text),) = spoiled_rows(busy, garbled_record={})
    assert isinstance(text, str)
    assert "13912345678" in text


def test_a_garbled_record_may_have_an_impossible_quantity(busy: Driver) -> None:
    ((good, row),) = spoiled_rows(busy, garbled_record={"form": "qty"})
    assert row["items"][0]["qty"] == "abc"
    assert row["io_id"] == good["io_id"]


def test_missing_key(busy: Driver) -> None:
    ((good, row),) = spoiled_rows(busy, missing_key={})
    assert row == {name: value for name, value in good.items() if name not in ("io_id", "o_id")}


def test_mixed_line_keys(busy: Driver) -> None:
    ((good, row),) = spoiled_rows(busy, mixed_line_keys={})
    assert all("ioi_id" in line for line in good["items"])
    assert ["ioi_id" in line for line in row["items"]] == [True] * (len(row["items"]) - 1) + [False]


def test_row_faults_take_different_rows(busy: Driver) -> None:
    assert len(spoiled_rows(busy, mixed_line_keys={}, missing_key={}, garbled_record={})) == 3


def test_a_fault_that_names_its_rows_spoils_those_and_no_others(busy: Driver) -> None:
    busy.post("freeze")
    first, second = busy.truth()[:2]
    busy.fault(garbled_record={"keys": [first["io_id"]], "times": 1})
    assert busy.rows(io_ids=[second["io_id"]]) == [second]
    assert isinstance(busy.rows(io_ids=[first["io_id"]])[0], str)
    assert busy.rows(io_ids=[first["io_id"]]) == [first]


def test_an_answer_without_rows_spends_no_row_fault(busy: Driver) -> None:
    busy.fault(missing_key={"times": 1})
    assert busy.rows(io_ids=["nobody"]) == []
    assert "io_id" not in parse(busy.ask())["datas"][0]


def test_clock_skew_moves_the_date_and_the_token_checks(busy: Driver) -> None:
    busy.fault(clock_skew={"seconds": -3600})
    answer = busy.ask()
    assert (answer.status_code, answer.json()["code"]) == (401, 40103)
    assert answer.headers["Date"].endswith("00:00:21 GMT")
    busy.fault(clock_skew={"seconds": 3600})
    assert busy.ask().json()["code"] == 40102


def test_paths_and_rates_limit_a_fault(busy: Driver) -> None:
    busy.fault(http_500={"paths": [SKUS], "rate": 0.5})
    assert {busy.ask(ORDERS).status_code for _ in range(30)} == {200}
    failures = [busy.ask(SKUS).status_code for _ in range(60)].count(500)
    assert 10 < failures < 50


def test_faults_are_replaced_shown_and_cleared(busy: Driver) -> None:
    busy.fault(drop={}, http_500={"times": 2})
    busy.fault(http_500={"times": 2})
    busy.ask()
    assert busy.send("GET", "/sandbox/faults").json() == {"http_500": {"times": 1}}
    busy.fault()
    assert busy.ask().status_code == 200


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"explode": {}}, "explode"),
        ({"drop": 1}, "drop"),
        ({"drop": {"seconds": 1}}, "seconds"),
        ({"drop": {"rate": 2}}, "rate"),
        ({"drop": {"times": -1}}, "times"),
        ({"drop": {"paths": "/open"}}, "paths"),
        ({"garbled_record": {"form": "x"}}, "form"),
        ({"commit_lag": {"rate": 0.5}}, "rate"),
        ({"silent_stock": {"paths": []}}, "paths"),
        ({"storm_429": {"code": 198}}, "code"),
        ({"has_next_odd": {"form": "qty"}}, "form"),
        ({"inner_code": {}}, "gateway"),
        ([], "JSON"),
    ],
)
def test_a_wrong_wish_changes_nothing_and_is_named(busy: Driver, wanted: Any, named: str) -> None:
    busy.fault(http_500={})
    answer = busy.send("PUT", "/sandbox/faults", json=wanted)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert busy.send("GET", "/sandbox/faults").json() == {"http_500": {}}


@pytest.mark.parametrize(
    ("form", "status", "code"), [("refused", 400, 130), ("ignored", 400, 40001), ("empty", 200, 0)]
)
def test_questions_by_key_alone_are_refused(busy: Driver, form: str, status: int, code: int) -> None:
    key = busy.rows()[0]["io_id"]
    busy.fault(keys_refused={"form": form, "paths": [ORDERS]})
    answer = busy.ask(io_ids=[key])
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not answer.json().get("datas")
    assert parse(busy.ask())["datas"]
    assert busy.ask(SKUS, sku_ids=["A"]).status_code == 200
