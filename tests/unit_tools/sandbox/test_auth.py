"""Who may ask: token, IP, scope, quota, in the order the source checks them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest

from local.sandbox.times import beijing
from tests.support.sandbox_driver import ORDERS, RETURNS, SECRET, SHOPS, SKUS, START, STOCK, WAREHOUSES, Driver

NOW = int(START) + 1  # asking moves the clock by one second


def outcome(erp: Driver, path: str = ORDERS, **body: Any) -> tuple[int, int]:
    answer = erp.ask(path, **body)
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, (200, 0)),
        ({"iat": NOW - 655, "exp": NOW - 55}, (200, 0)),
        ({"iat": NOW + 55, "exp": NOW + 655}, (200, 0)),
        ({"iat": NOW - 662, "exp": NOW - 62}, (401, 40102)),
        ({"iat": NOW + 62, "exp": NOW + 600}, (401, 40103)),
        ({"exp": NOW + 700}, (401, 40103)),
        ({"exp": None}, (401, 40103)),
        ({"iat": None}, (401, 40103)),
        ({"app_key": "somebody_else"}, (401, 40104)),
        ({"scope": "inventory_query"}, (403, 40302)),
        ({"scope": None}, (403, 40302)),
        ({"secret": SECRET + "x"}, (401, 40101)),
    ],
)
def test_a_token_is_checked_in_every_part(erp: Driver, claims: dict[str, Any], expected: tuple[int, int]) -> None:
    assert outcome(erp, token=erp.token(**claims)) == expected


def test_what_is_no_token_is_refused(erp: Driver) -> None:
    unsigned = jwt.encode({"app_key": "sandbox_app", "iat": NOW, "exp": NOW + 60}, "", "none")
    for header in (
        {},
        {"Authorization": "Basic x"},
        {"Authorization": f"Bearer {unsigned}"},
        {"Authorization": "Bearer x.y"},
    ):
        answer = erp.send("POST", ORDERS, json={}, headers=header)
        assert (answer.status_code, answer.json()["code"]) == (401, 40101)


def test_a_time_error_says_the_servers_time(erp: Driver) -> None:
    answer = erp.ask(token=erp.token(iat=NOW + 3600, exp=NOW + 4200))
    assert beijing(erp.now) in answer.json()["msg"]


def test_every_answer_carries_the_servers_clock(erp: Driver) -> None:
    erp.now = 1_767_225_600.0
    for path in (ORDERS, "/open/nothing", "/sandbox/health"):
        assert erp.send("GET", path).headers["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_each_endpoint_asks_for_its_own_scope(erp: Driver) -> None:
    token = erp.token(scope="order_out_query")
    assert [outcome(erp, path, token=token)[1] for path in (ORDERS, SKUS, SHOPS, RETURNS)] == [0, 40302, 40302, 40302]


@pytest.mark.parametrize(
    ("path", "most"), [(ORDERS, 15), (STOCK, 20), (RETURNS, 10), (SKUS, 5), (SHOPS, 5), (WAREHOUSES, 5)]
)
def test_the_quota_counts_a_sliding_second(erp: Driver, path: str, most: int) -> None:
    header = {"Authorization": f"Bearer {erp.token()}"}

    def send() -> Any:
        return erp.send("POST", path, json={"sku_ids": "a", "io_ids": ["a"], "as_ids": ["a"]}, headers=header)

    assert [send().status_code for _ in range(most)] == [200] * most
    erp.now += 0.9
    refused = send()
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (429, 42901, "1")
    erp.now += 0.1
    assert send().status_code == 200
    assert erp.send("GET", "/sandbox/stats").json()["refused"] == 1


def test_without_a_quota_nobody_is_refused(tmp_path: Path) -> None:
    erp = Driver(tmp_path, quota=False)
    header = {"Authorization": f"Bearer {erp.token()}"}
    answers = {erp.send("POST", SHOPS, json={}, headers=header).status_code for _ in range(30)}
    assert answers == {200}
    erp.store.close()


def test_the_control_api_is_for_this_machine_only(erp: Driver) -> None:
    erp.caller = "10.0.0.9"
    assert erp.send("POST", "/sandbox/freeze").status_code == 403
    assert outcome(erp) == (200, 0)
