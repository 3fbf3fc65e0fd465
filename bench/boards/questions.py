"""The questions: of the marts, as the boards ask them; of the wide tables, as a person asks who drags and drops."""

from __future__ import annotations

BOARDS = {
    "库存地图": """SELECT warehouse_province, sum(qty), sum(oversold_qty), countIf(is_abnormal)
        FROM dws.dws_inventory GROUP BY warehouse_province""",
    "出库趋势": """SELECT biz_day, biz_hour, sum(out_amount), sum(out_order_count)
        FROM dws.dws_shop_hour WHERE biz_day >= today() - 1 GROUP BY biz_day, biz_hour ORDER BY biz_day, biz_hour""",
    "售后 TOP 10": """SELECT shop_id, i_id, style_name, refund_order_count / out_order_count AS rate
        FROM dws.dws_shop_style_week WHERE out_order_count >= 30 ORDER BY rate DESC LIMIT 10""",
    "店铺排行": """SELECT shop_id, any(shop_name), sum(out_amount) AS amount, sum(refund_amount)
        FROM dws.dws_shop_hour WHERE biz_day = today() GROUP BY shop_id ORDER BY amount DESC""",
    "财务应收": """SELECT biz_day, sum(gmv), sum(discount_amount), sum(platform_fee),
            sum(paid_amount) - sum(platform_fee) - sum(refund_amount)
        FROM dws.dws_shop_hour WHERE biz_day >= today() - 30 GROUP BY biz_day ORDER BY biz_day""",
    "库存预警": """SELECT sku_id, sku_name, qty, safety_qty FROM dws.dws_inventory
        WHERE qty <= safety_qty ORDER BY qty LIMIT 100""",
    "大促战报": """SELECT sku_id, any(sku_name), sum(out_qty), sum(out_amount) AS amount
        FROM dws.dws_shop_sku_day WHERE biz_day = today() GROUP BY sku_id ORDER BY amount DESC LIMIT 20""",
}

_FREE = {
    "店铺 × 分类": """SELECT shop_name, category, sum(paid_amount), count(DISTINCT io_id)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY shop_name, category""",
    "商品前 100": """SELECT sku_id, any(sku_name), sum(qty) AS sold, sum(out_amount)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY sku_id ORDER BY sold DESC LIMIT 100""",
    "日 × 小时": """SELECT biz_day, biz_hour, sum(gmv), sum(discount_amount), sum(platform_fee)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY biz_day, biz_hour""",
    "平台 × 省": """SELECT platform, receiver_state, sum(qty), sum(paid_amount)
        FROM dws.dws_sale_out WHERE biz_day {days} AND is_shipped GROUP BY platform, receiver_state""",
    "售后类型": """SELECT type, question_type, count(DISTINCT as_id), sum(refund_amount)
        FROM dws.dws_after_sale WHERE biz_day {days} AND status != '已取消' GROUP BY type, question_type""",
}
FREE_DAY = {name: sql.format(days="= today() - 1") for name, sql in _FREE.items()}
FREE_MONTH = {name: sql.format(days=">= today() - 30") for name, sql in _FREE.items()}

SORT_KEYS = {
    "hour of key_time, io_id, line_id": "toStartOfHour(key_time), io_id, line_id",
    "io_id, line_id": "io_id, line_id",
}
