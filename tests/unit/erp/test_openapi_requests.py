"""What is sent to the public API."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qs, unquote_plus

import msgspec
import pytest

from jst.clock import SHANGHAI
from jst.erp.client import Rate
from jst.erp.connection_settings import Settings
from jst.erp.openapi import Openapi, seal, sign
from jst.erp.tokens import MemoryTokens
from jst.errors import Misconfigured
from jst.model.module import load_module
from jst.model.window import Window
from tests.support.fake_source import SALE_OUT, SECRET, SKU, WINDOW, FakeClock

INVENTORY, AFTER_SALE, SHOP = (load_module(name) for name in ("inventory", "after_sale", "shop"))

VECTOR_SECRET = "0123456789abcdef0123456789abcdef"
VECTOR_TIME = datetime.fromtimestamp(1714550400, SHANGHAI)
SYSTEM = {"app_key": "demo_app_key_0001", "timestamp": "1714550400", "charset": "utf-8"}
CALL = {**SYSTEM, "access_token": "demo_access_token_0001", "version": "2"}
MAY_FIRST: dict[str, object] = {
    "page_index": 1,
    "page_size": 50,
    "modified_begin": "2024-05-01 00:00:00",
    "modified_end": "2024-05-01 23:59:59",
}
VECTORS: list[tuple[dict[str, str], str]] = [
    ({**CALL, "biz": "{}"}, "a4280c3a4744ca78805eebffd92ac8aa"),
    ({**CALL, "biz": msgspec.json.encode(MAY_FIRST).decode()}, "d34345b280a2f8f986acd39262371d9e"),
    ({**CALL, "biz": '{"name":"连衣裙","page_index":1,"page_size":50}'}, "bdecc0674d0480b4b8b8be5f9eb6cc3b"),
    (
        {**SYSTEM, "grant_type": "authorization_code", "code": "a1B2c3"},
        "581b75014d94e01f51f2f66d3b401523",
    ),
    (
        {
            **SYSTEM,
            "grant_type": "refresh_token",
            "refresh_token": "demo_refresh_token_0001",
            "scope": "all",
        },
        "a9e417bd3ba869523b00a3cbffdd3e2c",
    ),
]


def dialect(clock: FakeClock | None = None, **quotas: float) -> Openapi:
    settings = Settings("https://erp.example.com", "app", SECRET, "openapi", quotas=quotas)
    return Openapi(settings, clock or FakeClock(), MemoryTokens())


@pytest.mark.parametrize(("form", "expected"), VECTORS)
def test_the_signature_is_the_vendors(form: dict[str, str], expected: str) -> None:
    assert sign(form, VECTOR_SECRET) == expected
    assert sign({**form, "empty": ""}, VECTOR_SECRET) == expected


@pytest.mark.parametrize(("form", "expected"), VECTORS)
def test_what_is_signed_is_what_is_sent_byte_for_byte(form: dict[str, str], expected: str) -> None:
    given_to_us = {name: value for name, value in form.items() if name not in SYSTEM}
    settings = Settings("https://erp.example.com", SYSTEM["app_key"], VECTOR_SECRET, "openapi")
    sealed = seal(given_to_us, settings, FakeClock(VECTOR_TIME))
    sent = dict(pair.split("=", 1) for pair in sealed.content.decode("ascii").split("&"))
    assert {name: unquote_plus(value) for name, value in sent.items()} == {**form, "sign": expected}
    assert sealed.headers["Content-Type"] == "application/x-www-form-urlencoded;charset=UTF-8"
    assert not any(part in repr(sealed) for part in (expected, "demo_access", "demo_refresh"))


def test_a_window_is_asked_for_without_a_status() -> None:
    window = Window(datetime(2025, 9, 16, tzinfo=SHANGHAI), datetime(2025, 9, 16, 1, 2, 3, tzinfo=SHANGHAI))
    assert dialect().window(SALE_OUT, window, 3) == {
        "page_index": 3,
        "page_size": 50,
        "modified_begin": "2025-09-16 00:00:00",
        "modified_end": "2025-09-16 01:02:03",
        "date_type": 0,
    }
    assert dialect().window(SALE_OUT, Window(window.start, window.end, "io_date"), 1)["date_type"] == 2


def test_a_module_without_io_date_is_only_asked_by_modified() -> None:
    assert "date_type" not in dialect().window(AFTER_SALE, WINDOW, 1)
    with pytest.raises(Misconfigured, match="io_date"):
        dialect().window(SKU, Window(WINDOW.start, WINDOW.end, "io_date"), 1)


def test_the_cursor_always_asks_for_page_one_and_for_no_total() -> None:
    assert dialect().since(SALE_OUT, 2**40) == {
        "page_index": 1,
        "page_size": 50,
        "start_ts": 2**40,
        "is_get_total": False,
    }
    assert dialect().since(INVENTORY, 7) == {"page_index": 1, "page_size": 100, "ts": 7}
    with pytest.raises(Misconfigured, match="sku 在 openapi 方言里没有 ts 游标"):
        dialect().since(SKU, 7)


def test_records_are_asked_for_by_key_the_way_each_endpoint_wants_them() -> None:
    assert dialect().keys(SALE_OUT, ["12", "x"])["io_ids"] == ["12", "x"]
    assert dialect().keys(AFTER_SALE, ["12", "x"])["as_ids"] == [12, "x"]
    assert dialect().keys(INVENTORY, ["12", "x"])["sku_ids"] == "12,x"
    assert dialect().listing(SHOP, 2) == {"page_index": 2, "page_size": 100}


def test_all_endpoints_spend_one_budget() -> None:
    assert dialect().budget(SALE_OUT) == dialect().budget(SHOP) == ("*", (Rate(5, 1), Rate(100, 60)))
    assert dialect(second=8, minute=300).budget(SKU) == ("*", (Rate(8, 1), Rate(300, 60)))


def test_every_request_is_timed_and_signed_anew() -> None:
    clock = FakeClock()
    settings = Settings("https://erp.example.com", "app", SECRET, "openapi")

    def sent() -> dict[str, str]:
        fields = parse_qs(seal({"biz": "{}"}, settings, clock).content.decode())
        return {name: value for name, (value,) in fields.items()}

    first = sent()
    clock.sleep(3)
    second = sent()
    assert int(second["timestamp"]) - int(first["timestamp"]) == 3
    assert first["sign"] != second["sign"]
