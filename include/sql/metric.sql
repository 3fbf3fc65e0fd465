-- The frame of every metric: its expression (metrics/<code>.sql) over the rows it counts (metric_rows/<rows>.sql), which
-- are made of the wide tables as they are read here, once. Parameters: first and last day of the period; as_of, the
-- moment the data are of (read watermark): its day is today; the lists of config/metrics.yaml.
WITH
    -- Null over an empty denominator; twelve decimals, so that rounding at the end is rounding of the true quotient.
    (a, b) -> if(b = 0, NULL, toDecimal256(a, 12) / b) AS ratio,
    -- Stock: today as it is, days before as their snapshot says. A day without snapshot is unknown and has no rows.
    stock AS
    (
        SELECT
            toDate(toDateTime(%(as_of)s, 'Asia/Shanghai')) AS day, sku_id, i_id, category, wms_co_id, enabled, qty,
            order_lock, pick_lock, available_qty, oversold_qty, virtual_qty, purchase_qty, return_qty, defective_qty,
            min_qty, safety_qty, stock_value, is_abnormal
        FROM dws.dws_inventory FINAL
        WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
        UNION ALL
        SELECT
            day, sku_id, i_id, category, wms_co_id, sku.enabled, qty, order_lock, pick_lock, available_qty,
            oversold_qty, virtual_qty, purchase_qty, return_qty, defective_qty, min_qty, safety_qty, stock_value,
            is_abnormal
        FROM dws.dws_inventory_day AS past FINAL
        LEFT JOIN (SELECT sku_id AS id, enabled FROM dim.dim_sku FINAL) AS sku ON sku.id = past.sku_id
        WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
            AND day < toDate(toDateTime(%(as_of)s, 'Asia/Shanghai'))
    ),
    -- What left the warehouse, whenever; abnormal lines (qty < 0) do not count.
    shipped AS
    (
        SELECT
            biz_day AS day, biz_hour AS hour, shop_id, platform, sku_id, i_id, category, wms_co_id, io_id, o_id, qty,
            out_amount, gmv, discount_amount, paid_amount, freight_amount, platform_fee, created, pay_date, io_date
        FROM dws.dws_sale_out FINAL
        WHERE is_shipped
            AND NOT is_abnormal
    ),
    -- After-sales, whenever; neither cancelled ones nor abnormal lines (qty < 0) count.
    after_sales AS
    (
        SELECT
            shop_id, platform, sku_id, i_id, category, as_id, io_id, o_id, type, status, is_quality, return_qty,
            refund_amount, created, refund_date, biz_day, biz_hour
        FROM dws.dws_after_sale FINAL
        WHERE status != '已取消'
            AND NOT is_abnormal
    )
SELECT {cuts}round({expression}, {scale}) AS value
FROM
(
{rows}
) AS counted
{group}
