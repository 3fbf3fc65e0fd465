"""Asking for one warehouse's records, and writing into each record whose it is: the answer does not say so."""

from __future__ import annotations

from dataclasses import replace

from jst.erp.dialect import Page, Question
from jst.errors import Misconfigured, Where
from jst.model.module import Module

NO_WAREHOUSE = (None, "", 0, "0")


def of_warehouse(module: Module, question: Question, branch: int) -> Question:
    """Return the question about the records of warehouse ``branch``; 0: the totals over all of them."""
    return {**question, module.warehouse_field: branch} if branch else question


def stamped(module: Module, page: Page, branch: int, where: Where) -> Page:
    """Return the page with ``branch`` in each record, for a module whose records belong to one. Raises Misconfigured
    when a record says that it is another warehouse's: it would be counted here and there."""
    field = module.warehouse_field
    if not field:
        return page
    found = {str(row.get(field)) for row in page.rows if isinstance(row, dict) and row.get(field) not in NO_WAREHOUSE}
    if branch and (others := sorted(found - {str(branch)})):
        raise Misconfigured(
            f"问的是仓库 {branch} 的{module.title}，答的是仓库 {others[0]} 的",
            do=f"联系源端：参数 {field} 没有按仓库过滤；之前先把连接的 extra.stock 改为 total",
            where=where,
        )
    rows = tuple({**row, field: branch} if isinstance(row, dict) else row for row in page.rows)
    return replace(page, rows=rows)
