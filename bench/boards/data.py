"""Statements that fill the tables with a month of sales, after-sales and stock."""

from __future__ import annotations

# A few SKUs sell most: the square of an even draw, so that a tenth of them has a third of all lines.
DRAWN = "toUInt32(pow(cityHash64(number, {n}) % 1000000 / 1e6, 2) * {skus})"
NAMES = "['天猫', '京东', '抖音', '拼多多']"
SALE_DWD = """
INSERT INTO dwd.dwd_sale_out (io_id, key_time, shop_id, status, created, modified, io_date, pay_amount, paid_amount,
    free_amount, freight, receiver_state, lines.line_id, lines.sku_id, lines.qty, lines.price, fetched_at, version)
SELECT toString(100000000 + number), at, 101 + cityHash64(number) % {shops}, 'Confirmed', at, at, at + 7200, 100, 95, 5,
    6, ['浙江', '广东', '北京', '四川'][1 + number % 4], ['1', '2'],
    [concat('K', toString({sku_1})), concat('K', toString({sku_2}))],
    [1, 1], [50, 50], at, bitShiftLeft(toUInt64(toUnixTimestamp(at)), 32)
FROM (SELECT number, now('Asia/Shanghai') - 7200 - toUInt32({days} * 86400 * (1 - number / {orders})) AS at
      FROM numbers({first}, {count}))"""
SALE_DWS = """
INSERT INTO dws.dws_sale_out (io_id, key_time, line_id, shop_id, shop_name, platform, status, is_shipped, sku_id, i_id,
    sku_name, category, brand, qty, price, out_amount, gmv, discount_amount, paid_amount, freight_amount, platform_fee,
    receiver_state, created, modified, io_date, biz_day, biz_hour, fetched_at, version)
SELECT io_id, key_time, line_id, shop_id, concat('店 ', toString(shop_id)), {names}[1 + shop_id % 4], status, 1, sku,
    concat('I', toString(intDiv(toUInt32(substring(sku, 2)), 4))), concat('商品 ', sku),
    concat('分类 ', toString(toUInt32(substring(sku, 2)) % 12)), '甲', 1, 50, 50, 50, 2.5, 47.5, 3, 2.38,
    receiver_state, created, modified, io_date, toDate(io_date), toHour(io_date), fetched_at, version
FROM dwd.dwd_sale_out
ARRAY JOIN lines.line_id AS line_id, lines.sku_id AS sku
WHERE toUInt64(io_id) - 100000000 BETWEEN {first} AND {first} + {count} - 1"""
AFTER_SALE = """
INSERT INTO dws.dws_after_sale (as_id, key_time, line_id, io_id, shop_id, shop_name, platform, type, source_status,
    status, is_refund, refund_date, question_type, is_quality, sku_id, i_id, sku_name, category, qty, return_qty,
    refund_amount, created, confirm_date, biz_day, biz_hour, modified, fetched_at, version)
SELECT toString(500000000 + number), at, '1', toString(100000000 + number), 101 + cityHash64(number) % {shops},
    concat('店 ', toString(101 + cityHash64(number) % {shops})), {names}[1 + (101 + cityHash64(number) % {shops}) % 4],
    ['仅退款', '普通退货', '换货'][1 + number % 3], 'Refund', '已退款', 1, at + 86400,
    ['', '质量问题', '不喜欢'][1 + number % 3],
    number % 3 = 1, concat('K', toString({sku_1})) AS sku,
    concat('I', toString(intDiv(toUInt32(substring(sku, 2)), 4))), concat('商品 ', sku),
    concat('分类 ', toString(toUInt32(substring(sku, 2)) % 12)), 1, 1, 45, at, at + 86400, toDate(at), toHour(at), at,
    at,
    bitShiftLeft(toUInt64(toUnixTimestamp(at)), 32)
FROM (SELECT number, now('Asia/Shanghai') - 90000 - toUInt32({days} * 86400 * (1 - number / {orders})) AS at
      FROM numbers({first}, {count}))"""
STOCK = """
INSERT INTO dws.dws_inventory (sku_id, wms_co_id, warehouse_name, warehouse_province, i_id, sku_name, category, brand,
    enabled, qty, order_lock, available_qty, safety_qty, fetched_at, version)
SELECT concat('K', toString(number)), 11001 + number % 3, '仓', ['浙江', '广东', '北京'][1 + number % 3],
    concat('I', toString(intDiv(number, 4))), concat('商品 ', toString(number)), '女装', '甲', 1, number % 500,
    number % 7, number % 490, 20, now(), 1
FROM numbers({skus})"""
DIM_SKUS = """
INSERT INTO dim.dim_sku (sku_id, i_id, name, category, brand, version)
SELECT concat('K', toString(number)) AS sku, concat('I', toString(intDiv(number, 4))), concat('商品 ', sku),
    concat('分类 ', toString(number % 12)), '甲', 1
FROM numbers({skus})"""
TABLES = ("dwd.dwd_sale_out", "dws.dws_sale_out", "dws.dws_after_sale")
