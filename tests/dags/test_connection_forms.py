"""A connection that is tried without Airflow means what it means within."""

from __future__ import annotations

from typing import Any

import pytest

from jst.erp.connection_settings import Settings
from jst.erp.try_connection import read_settings


@pytest.mark.parametrize(
    "text",
    [
        "jushuitan://https://app:s%40cret%2F1@erp.example.com:8443",
        "jushuitan://app:secret@erp.example.com:8443/http",
        "jushuitan://app:secret@https%3A%2F%2Ferp.example.com%2Fbase?dialect=openapi&timeout_seconds=7",
        "jushuitan://app:secret@erp.example.com?__extra__=%7B%22quotas%22%3A+%7B%22sale_out%22%3A+9%7D%7D",
        '{"conn_type": "jushuitan", "host": "erp.example.com", "login": "app", "password": "secret", "port": 8443}',
        '{"conn_type": "jushuitan", "host": "erp.example.com", "login": "app", "password": "secret", '
        '"extra": "{\\"dialect\\": \\"openapi\\"}"}',
    ],
)
def test_a_connection_means_what_airflow_reads(dags: dict[str, Any], text: str) -> None:
    from airflow.models.connection import Connection

    conn = Connection.from_json(text) if text.startswith("{") else Connection(uri=text)
    assert read_settings(text) == Settings.from_connection(
        conn.host, conn.port, conn.schema, conn.login, conn.password, conn.extra_dejson
    )
