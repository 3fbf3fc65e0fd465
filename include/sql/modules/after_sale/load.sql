-- ods.after_sale -> dwd.dwd_after_sale for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_after_sale
(
    as_id, key_time, outer_as_id, io_id, o_id, so_id, shop_id, shop_name, type, status, good_status, shop_status,
    order_status, state, question_type, as_date, created, modified, confirm_date, refund, payment, free_amount, freight,
    shop_freight, buyer_apply_refund, receive_refund, warehouse, wms_co_id, logistics_company, refund_phase, order_type,
    labels, ts,
    lines.line_id, lines.asi_id, lines.sku_id, lines.i_id, lines.name, lines.properties_value, lines.type,
    lines.combine_sku_id, lines.is_gift, lines.receive_date, lines.qty, lines.r_qty, lines.defective_qty, lines.price,
    lines.amount, lines.shop_amount, plan_id, attempt, ticket, fetched_at, version
)
WITH
    -- Text of the source to values; what is empty or cannot be one is NULL. Rounding is half up, away from zero.
    t -> accurateCastOrNull(round(toDecimal128OrNull(trimBoth(t), 10), 2), 'Decimal(18, 2)') AS as_money,
    t -> accurateCastOrNull(round(toDecimal128OrNull(trimBoth(t), 10), 4), 'Decimal(18, 4)') AS as_quantity,
    -- Times in all spellings, as in sale_out.sql; before 2000 is never.
    t -> toDateTimeOrZero(
        concat(left(t, 10), ' ', left(concat(trimLeft(substring(t, 11), ' T'), '00:00:00'), 8)),
        'Asia/Shanghai') AS stamp,
    toDateTime(0, 'Asia/Shanghai') AS never,
    stamps -> arrayMap(t -> if(toYear(t) >= 2000, t, never), stamps) AS as_times
SELECT
    key,
    -- An order keeps the sort key it was first stored with: another one would be a second row in the wide table.
    multiIf(
        known.key_time != never, known.key_time,
        max(created) OVER (PARTITION BY key) != never, minIf(created, created != never) OVER (PARTITION BY key),
        min(modified) OVER (PARTITION BY key)),
    r['outer_as_id'], r['io_id'], r['o_id'], r['so_id'],
    toInt64OrZero(r['shop_id']),
    r['shop_name'], type, status, good_status, shop_status, r['order_status'],
    -- Waiting, Received and Refund are the one word of the gateway dialect; openapi says it in three fields, and the
    -- first rule that holds counts. A word nobody knows is not guessed at.
    multiIf(
        status IN ('Cancelled', 'Merged') OR shop_status IN ('CLOSED', 'SELLER_REFUSE_BUYER'), '已取消',
        status = 'Refund', '已退款',
        status = 'Received', '已收货',
        status = 'Waiting', '待审核',
        status NOT IN ('WaitConfirm', 'Confirmed', ''), '未知',
        shop_status = 'SUCCESS' OR (type = '仅退款' AND status = 'Confirmed'), '已退款',
        good_status = 'SELLER_RECEIVED' OR arraySum(line_numbers[2]) > 0, '已收货',
        status != '' OR startsWith(shop_status, 'WAIT_'), '待审核',
        '未知'),
    r['question_type'],
    nullIf(times[3], never), nullIf(created, never), nullIf(modified, never), nullIf(times[4], never),
    amounts[1], amounts[2], amounts[3], amounts[4], amounts[5], amounts[6], amounts[7],
    r['warehouse'],
    toInt64OrZero(r['wms_co_id']),
    r['logistics_company'], r['refund_phase'], r['order_type'], r['labels'],
    ts,
    arrayMap((id, n) -> if(id != '', id, toString(n)), line_words[1], arrayEnumerate(items)),
    line_words[1], line_words[2], line_words[3], line_words[4], line_words[5], line_words[6], line_words[7],
    arrayMap(t -> lower(t) IN ('1', 'true'), line_words[8]),
    arrayMap(t -> nullIf(t, never), as_times(arrayMap(t -> stamp(trimBoth(t)), line_words[9]))),
    line_numbers[1], line_numbers[2], line_numbers[3],
    arrayMap(line -> as_quantity(line['price']), items),
    arrayMap(line -> as_money(line['amount']), items),
    arrayMap(line -> as_money(line['shop_amount']), items),
    plan_id, attempt, ticket, fetched_at,
    bitShiftLeft(toUInt64(toUnixTimestamp(modified)), 32) + bitAnd(ifNull(ts, ticket), 0xFFFFFFFF)
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Map(String, String)') AS r,
        JSONExtract(r['items'], 'Array(Map(String, String))') AS items,
        r['type'] AS type, r['status'] AS status, r['good_status'] AS good_status, r['shop_status'] AS shop_status,
        toUInt64OrNull(r['ts']) AS ts,
        arrayMap(name -> as_money(r[name]), [
            'refund', 'payment', 'free_amount', 'freight', 'shop_freight', 'buyer_apply_refund',
            'receive_refund']) AS amounts,
        as_times(arrayMap(
            name -> stamp(trimBoth(r[name])), ['created', 'modified', 'as_date', 'confirm_date'])) AS times,
        times[1] AS created,
        times[2] AS modified,
        arrayMap(name -> arrayMap(line -> line[name], items), [
            'asi_id', 'sku_id', 'i_id', 'name', 'properties_value', 'type', 'combine_sku_id', 'is_gift',
            'receive_date']) AS line_words,
        arrayMap(
            name -> arrayMap(line -> ifNull(as_quantity(line[name]), 0), items),
            ['qty', 'r_qty', 'defective_qty']) AS line_numbers
    FROM ods.after_sale
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
) AS raw
LEFT JOIN
(
    SELECT as_id, any(key_time) AS key_time
    FROM dwd.dwd_after_sale
    WHERE as_id IN (SELECT key FROM touched)
    GROUP BY as_id
) AS known ON known.as_id = raw.key
