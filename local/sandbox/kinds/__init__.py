"""Record kinds, one file each; a new file is named here and nowhere else."""

from __future__ import annotations

from local.sandbox.kinds import after_sale, branch_stock, inventory, sale_out, shop, sku, warehouse
from local.sandbox.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    module.KIND.module: module.KIND for module in (sale_out, after_sale, inventory, branch_stock, sku, shop, warehouse)
}

__all__ = ["KINDS", "Kind"]
