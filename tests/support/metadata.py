"""Airflow's metadata database of the test stack, changed behind its back."""

from __future__ import annotations

import psycopg2
import yaml

from local.instance import Instance
from local.layout import ROOT
from local.services.postgres import airflow_dsn


def put_pools(stack: Instance) -> None:
    """Add the pools of include/config/pools.yaml that Airflow lacks; it must have started once."""
    pools = yaml.safe_load((ROOT / "include" / "config" / "pools.yaml").read_text("utf-8"))
    for pool in pools:
        _change(
            stack,
            "INSERT INTO slot_pool (pool, slots, include_deferred) VALUES (%s, %s, false) ON CONFLICT DO NOTHING",
            pool["name"],
            pool["slots"],
        )


def drop_pool(stack: Instance, name: str) -> None:
    """Remove one pool."""
    _change(stack, "DELETE FROM slot_pool WHERE pool = %s", name)


def _change(stack: Instance, statement: str, *values: object) -> None:
    connection = psycopg2.connect(airflow_dsn(stack.layout).replace("+psycopg2", ""))
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
    connection.close()
