"""Record kinds, one file each; a new file is named here and nowhere else."""

from __future__ import annotations

from local.sandbox.kinds import after_sale, inventory, sale_out, shop, sku, warehouse
from local.sandbox.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    kind.module: kind for kind in (sale_out.KIND, after_sale.KIND, inventory.KIND, sku.KIND, shop.KIND, warehouse.KIND)
}

__all__ = ["KINDS", "Kind"]
