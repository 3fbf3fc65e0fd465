"""The environment ``local.verify`` reads its addresses from."""

from __future__ import annotations

import pytest

from local.verify.addresses import Addresses


def point_to(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JST_ERP_URL", addresses.erp)
    monkeypatch.setenv("JST_CLICKHOUSE_HTTP", addresses.clickhouse)
    monkeypatch.setenv("JST_CLICKHOUSE_USER", addresses.clickhouse_user)
    monkeypatch.setenv("JST_CLICKHOUSE_PASSWORD", addresses.clickhouse_password)
    monkeypatch.setenv("JST_CONTROL_DSN", addresses.control)
