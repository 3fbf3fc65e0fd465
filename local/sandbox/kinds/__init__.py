"""Record kinds, one file each; a new file is named here and nowhere else."""

from __future__ import annotations

from local.sandbox.kinds import sale_out, shops, sku
from local.sandbox.kinds.kind import Kind

KINDS: dict[str, Kind] = {kind.module: kind for kind in (sale_out.KIND, sku.KIND, shops.KIND)}

__all__ = ["KINDS", "Kind"]
