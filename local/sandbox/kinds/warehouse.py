"""仓库: where orders are shipped from; they change only when touched by hand."""

from __future__ import annotations

from collections.abc import Iterator

from local.sandbox.kinds.kind import Kind
from local.sandbox.rows import Row
from local.sandbox.world import COMPANY, WAREHOUSES

KIND = Kind("warehouse", key=("wms_co_id",), versioned=False)


def found() -> Iterator[Row]:
    """Yield the warehouses as they stand when the sandbox opens; the first one is the main one."""
    for position, (wms_co_id, name) in enumerate(WAREHOUSES):
        yield {
            "name": name,
            "co_id": COMPANY,
            "wms_co_id": wms_co_id,
            "is_main": position == 0,
            "status": "生效",
            "remark1": f"{name}联系人：仓管{position + 1}",
            "remark2": "",
        }
