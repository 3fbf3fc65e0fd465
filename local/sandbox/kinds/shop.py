"""店铺: the company's shops; they change only when touched by hand."""

from __future__ import annotations

from collections.abc import Iterator

from local.sandbox.kinds.kind import Kind
from local.sandbox.rows import Row
from local.sandbox.times import beijing
from local.sandbox.world import COMPANY, DAY, SHOPS

KIND = Kind("shop", key=("shop_id",), versioned=False)


def found(now: float) -> Iterator[Row]:
    """Yield the shops as they stand when the sandbox opens; ``now`` in Unix seconds."""
    for shop_id, name, platform in SHOPS:
        yield {
            "shop_id": shop_id,
            "shop_name": name,
            "short_name": name[:2],
            "nick": f"sandbox{shop_id}",
            "shop_site": platform,
            "shop_url": f"https://shop{shop_id}.example.com",
            "co_id": COMPANY,
            "group_id": 1,
            "group_name": "直营",
            "created": beijing(now - 400 * DAY),
            "session_expired": beijing(now + 300 * DAY),
            "session_uid": f"uid{shop_id}",
        }
