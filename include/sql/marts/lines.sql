-- What counts on one business day: shipped lines by io_date, refunds by refund_date, after-sales by created.
shipped AS
(
${include metrics/tables/shipped}
),
after_sales AS
(
${include metrics/tables/after_sales}
),
lines AS
(
    SELECT
        shop_id, shop_name, platform, sku_id, i_id, sku_name, category, wms_co_id, warehouse_name, hour,
        io_id, io_number, line_id, '' AS refund_id, '' AS as_id, 0 AS is_quality, qty AS out_qty, out_amount, gmv,
        discount_amount, paid_amount, freight_amount, platform_fee,
        toDecimal64(0, 2) AS refund_amount, toDecimal64(0, 4) AS return_qty,
        dateDiff('second', coalesce(pay_date, created), io_date) AS lead_seconds, '' AS type, NULL AS handle_seconds
    FROM shipped
    WHERE day = toDate(%(day)s)
    UNION ALL
    SELECT
        shop_id, shop_name, platform, sku_id, i_id, sku_name, category, 0, '', toHour(refund_date),
        '', 0, '', as_id, '', 0, 0, 0, 0, 0, 0, 0, 0, refund_amount, 0, 0, '', NULL
    FROM after_sales
    -- as a range, which the index on refund_date knows
    WHERE refund_date >= toDateTime(%(day)s, 'Asia/Shanghai')
        AND refund_date < toDateTime(toDate(%(day)s) + 1, 'Asia/Shanghai')
    UNION ALL
    SELECT
        shop_id, shop_name, platform, sku_id, i_id, sku_name, category, 0, '', biz_hour,
        '', 0, '', '', as_id, is_quality, 0, 0, 0, 0, 0, 0, 0, 0, return_qty,
        0, type, dateDiff('second', created, refund_date)
    FROM after_sales
    WHERE biz_day = toDate(%(day)s)
)
