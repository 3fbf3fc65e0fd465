"""A connection means the same however it is written, and what is tried without Airflow what it means within."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg2.extensions import parse_dsn

from jst.erp.try_connection import read_settings
from jst.errors import Misconfigured


@pytest.mark.parametrize(
    "text",
    [
        "jushuitan://https://app:s%40cret%2F1@erp.example.com:8443",
        "jushuitan://app:secret@erp.example.com:8443/http",
        "jushuitan://app:secret@https%3A%2F%2Ferp.example.com%2Fbase?dialect=openapi&timeout_seconds=7&verify=true",
        "jushuitan://app:secret@erp.example.com?__extra__=%7B%22quotas%22%3A+%7B%22sale_out%22%3A+9%7D%7D",
        '{"conn_type": "jushuitan", "host": "erp.example.com", "login": "app", "password": "secret", "port": 8443}',
        '{"conn_type": "jushuitan", "host": "erp.example.com", "login": "app", "password": "secret", '
        '"extra": "{\\"dialect\\": \\"openapi\\"}"}',
    ],
)
def test_a_connection_means_what_airflow_reads(
    dags: dict[str, Any], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jst.airflow.hooks import JushuitanHook

    monkeypatch.setenv("AIRFLOW_CONN_JUSHUITAN_DEFAULT", text)
    assert read_settings(text) == JushuitanHook().settings()


def test_the_control_database_gets_all_libpq_knows_and_what_it_does_not_know_is_named(
    dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jst.airflow.connections import control_dsn

    uri = "postgres://jst:pw@host:5432/jst_ops?sslmode=verify-full&sslrootcert=/etc/ca.pem&options=-c%20jit%3Doff"
    monkeypatch.setenv("AIRFLOW_CONN_JST_OPS", uri)
    assert parse_dsn(control_dsn("-c statement_timeout=5000")) == {
        "host": "host", "port": "5432", "dbname": "jst_ops", "user": "jst", "password": "pw",
        "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "options": "-c jit=off -c statement_timeout=5000",
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_JST_OPS", f"{uri}&ssl=true")
    with pytest.raises(Misconfigured, match=r"jst_ops 的 extra\.ssl 不认识"):
        control_dsn()


def test_the_warehouse_gets_numbers_and_booleans(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from jst.airflow.hooks import ConnectionAddresses

    uri = "clickhouse://etl:pw@host:9000/default?connect_timeout=3&send_receive_timeout=60&secure=true"
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", uri)
    hosts = ConnectionAddresses().hosts
    assert hosts.names == ("host:9000",)
    assert hosts.options == {
        "user": "etl", "password": "pw", "database": "default",
        "connect_timeout": 3, "send_receive_timeout": 60, "secure": True,
    }  # fmt: skip
    hosts.client("host:9000").disconnect()
