"""Workbooks of shops for tests, as pandas writes them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

SHOP = {
    "店铺编号": 101,
    "店铺名称": "天猫旗舰店",
    "平台": "天猫",
    "负责人账号": "zhang.wei",
    "省份": "浙江",
    "启用": "是",
}
FEE = {"店铺编号": 101, "生效日期": datetime(2025, 1, 1), "费率": 0.05}  # noqa: DTZ001 - Excel's dates know no zone
PLACE = {"仓库编号": 11001, "省份": "浙江"}


def shop_book(
    path: Path, shops: list[dict[str, Any]], fees: list[dict[str, Any]], **more: list[dict[str, Any]]
) -> Path:
    """Write a workbook with these rows; ``more``: other sheets."""
    file = path / "shops.xlsx"
    with pd.ExcelWriter(file) as writer:
        for sheet, rows in {"店铺": shops, "费率": fees, **more}.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=sheet, index=False)
    return file
