-- What was shipped in the period, with what it cost, beside what was refunded in it, each by its own time.
SELECT
    shop_id, platform, day, io_id, io_number, out_amount, platform_fee,
    if(cost_price IS NULL, 0, out_amount) AS known_amount,
    ${include shared/as_money number=toDecimal128(qty, 4) * cost_price} AS cost_amount,
    '' AS as_id, 0 AS refund_amount
FROM shipped
LEFT JOIN (SELECT io_id AS of, line_id AS place, sku_id AS code, cost_price FROM costs) AS kept
    ON kept.of = shipped.io_id AND kept.place = shipped.line_id AND kept.code = shipped.sku_id
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
UNION ALL
SELECT shop_id, platform, toDate(refund_date) AS day, '', 0, 0, 0, 0, 0, as_id, refund_amount
FROM after_sales
WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
