"""Rows whose version was made by a rule of before and shuts out what follows are brought down to the rule of today."""

from __future__ import annotations

from collections.abc import Sequence

from clickhouse_driver import Client

from jst.model.module import Module
from jst.warehouse.sql import INSERT_SETTINGS, has_statement, key_of, statement


def outranking(client: Client, module: Module) -> list[str]:
    """List the keys with such a row, sorted; none of a module whose days are not certified, of whose rows less is
    known."""
    if not has_statement(module.name, "certify"):
        return []
    return sorted(key for (key,) in client.execute(_sql("outranking", module)))


def bring_down(client: Client, module: Module, keys: Sequence[str]) -> None:
    """Write these rows again in their right version and remove the old ones, which a merge would prefer; the wide rows
    of ``keys`` go, too: widen them afterwards."""
    client.execute(_sql("write_again", module), settings=INSERT_SETTINGS)
    client.execute(_sql("remove", module))
    table = f"dim.dim_{module.name}" if module.role == "dimension" else f"dws.dws_{module.name}"
    client.execute(_sql("remove_wide", module, table=table), {"keys": list(keys)})


def _sql(name: str, module: Module, *, table: str = "") -> str:
    ts = "ts" if "ts" in module.fields else "NULL"
    return statement(f"version_rule/{name}", module=module.name, key=key_of(module), ts=ts, table=table)
