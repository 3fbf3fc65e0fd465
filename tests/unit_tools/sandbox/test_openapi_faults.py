"""The public API's odd forms and refusals on demand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_driver import ORDERS, REFUNDS, STOCK, WAREHOUSES, OpenDriver

WINDOW = {"modified_begin": "2026-03-02 00:00:00", "modified_end": "2026-03-02 23:59:59"}
FAULTS = [
    ("storm_429", {}, 199),
    ("storm_429", {"code": 200}, 200),
    ("token_expired", {}, 100),
    ("ip_refused", {}, 110),
    ("permission_refused", {}, 190),
    ("internal_error", {}, 150),
    ("clock_skew", {"seconds": 3600}, 180),
]


@pytest.mark.parametrize(("fault", "options", "code"), FAULTS)
def test_refusals_on_demand(open_erp: OpenDriver, fault: str, options: dict[str, Any], code: int) -> None:
    open_erp.call(WAREHOUSES)
    open_erp.fault(**{fault: {"times": 1, **options}})
    assert [open_erp.wish(WAREHOUSES)["code"] for _ in range(2)] == [code, 0]


@pytest.mark.parametrize(("form", "data"), [("list", {"data": []}), ("absent", {})])
def test_errors_may_carry_odd_data(open_erp: OpenDriver, form: str, data: dict[str, Any]) -> None:
    open_erp.fault(error_data={"form": form})
    answer = open_erp.wish(ORDERS)
    assert {name: part for name, part in answer.items() if name == "data"} == data
    assert answer["code"] == 170


def test_a_shell_of_the_old_gateway_says_what_went_wrong(open_lived: OpenDriver) -> None:
    open_lived.fault(inner_code={})
    answer = open_lived.wish(**WINDOW)
    assert (answer["code"], answer["data"]["code"], answer["data"]["issuccess"]) == (0, 150, False)
    assert "datas" not in answer["data"]


@pytest.mark.parametrize(
    ("fault", "options", "path", "expected"),
    [
        ("code_as_string", {}, ("code",), "0"),
        ("datas_null", {}, ("data", "inventorys"), None),
        ("has_next_odd", {}, ("data", "has_next"), "true"),
        ("has_next_odd", {"form": "number"}, ("data", "has_next"), 1),
        ("missing_datas", {}, ("data", "inventorys"), "missing"),
        ("has_next_missing", {}, ("data", "has_next"), "missing"),
    ],
)
def test_odd_forms(
    open_erp: OpenDriver, fault: str, options: dict[str, Any], path: tuple[str, ...], expected: object
) -> None:
    open_erp.fault(**{fault: options})
    found: Any = open_erp.wish(STOCK, ts=0)
    for name in path:
        found = found.get(name, "missing")
    assert found == expected


def test_totals_and_numbers_are_spoilt_inside_data(open_lived: OpenDriver) -> None:
    open_lived.fault(numbers_as_strings={})
    data = open_lived.wish(**WINDOW)["data"]
    assert data["data_count"] == "400"
    assert isinstance(data["datas"][0]["io_id"], str)
    open_lived.fault(total_missing={})
    assert not {"data_count", "page_count"} & set(open_lived.wish(**WINDOW)["data"])


def test_a_line_of_an_after_sale_may_lose_its_key(open_lived: OpenDriver) -> None:
    lines = [{"asi_id": 1}, {"asi_id": 2}]
    open_lived.post("put", module="after_sale", row={"as_id": 5, "items": lines})
    open_lived.fault(mixed_line_keys={})
    (row,) = open_lived.wish(REFUNDS, as_ids=[5])["data"]["datas"]
    assert row["items"] == [{"asi_id": 1}, {}]


@pytest.mark.parametrize(("form", "code"), [("refused", 130), ("ignored", 170), ("empty", 0)])
def test_questions_by_key_alone_are_refused(open_lived: OpenDriver, form: str, code: int) -> None:
    open_lived.fault(keys_refused={"form": form})
    assert open_lived.wish(ORDERS, io_ids=["1"])["code"] == code
    assert open_lived.wish(ORDERS, **WINDOW)["code"] == 0


def test_each_warehouse_numbers_its_changes_by_itself(open_lived: OpenDriver) -> None:
    def stamps(branch: int, ts: int) -> list[int]:
        return [row["ts"] for row in open_lived.wish(STOCK, wms_co_id=branch, ts=ts)["data"]["inventorys"]]

    usual = stamps(11001, 0), stamps(11002, 0)
    open_lived.fault(ts_by_warehouse={})
    first, second = stamps(11001, 0), stamps(11002, 0)
    assert (len(first), len(second)) == tuple(map(len, usual))
    assert max(first) < min(second)
    assert stamps(11001, first[1])[: len(first) - 1] == first[1:]
    assert stamps(11001, second[0]) == []
