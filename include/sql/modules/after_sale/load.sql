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
    -- Before 2000 is never.
    toDateTime(0, 'Asia/Shanghai') AS never
SELECT
    key, -- as_id
    ${include shared/first_key_time}, -- key_time
    r['outer_as_id'], r['io_id'], r['o_id'], r['so_id'],
    toInt64OrZero(r['shop_id']), -- shop_id
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
        '未知'), -- state
    r['question_type'],
    nullIf(times[3], never), -- as_date
    nullIf(created, never), -- created
    nullIf(modified, never), -- modified
    nullIf(times[4], never), -- confirm_date
    amounts[1], -- refund
    amounts[2], -- payment
    amounts[3], -- free_amount
    amounts[4], -- freight
    amounts[5], -- shop_freight
    amounts[6], -- buyer_apply_refund
    amounts[7], -- receive_refund
    r['warehouse'],
    toInt64OrZero(r['wms_co_id']), -- wms_co_id
    r['logistics_company'], r['refund_phase'], r['order_type'], r['labels'],
    ts,
    arrayMap((id, n) -> if(id != '', id, toString(n)), line_words[1], arrayEnumerate(items)), -- lines.line_id
    line_words[1], -- lines.asi_id
    line_words[2], -- lines.sku_id
    line_words[3], -- lines.i_id
    line_words[4], -- lines.name
    line_words[5], -- lines.properties_value
    line_words[6], -- lines.type
    line_words[7], -- lines.combine_sku_id
    arrayMap(t -> lower(t) IN ('1', 'true'), line_words[8]), -- lines.is_gift
    arrayMap(t -> if(toYear(t) >= 2000, t, NULL), line_stamps), -- lines.receive_date
    line_numbers[1], -- lines.qty
    line_numbers[2], -- lines.r_qty
    line_numbers[3], -- lines.defective_qty
    arrayMap(line -> ${include shared/decimal_of_text text=line['price'] decimals=4}, items), -- lines.price
    arrayMap(line -> ${include shared/decimal_of_text text=line['amount'] decimals=2}, items), -- lines.amount
    arrayMap(line -> ${include shared/decimal_of_text text=line['shop_amount'] decimals=2}, items), -- lines.shop_amount
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=modified ts=ts ticket=ticket fetched_at=fetched_at} -- version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Map(String, String)') AS r,
        JSONExtract(r['items'], 'Array(Map(String, String))') AS items,
        r['type'] AS type, r['status'] AS status, r['good_status'] AS good_status, r['shop_status'] AS shop_status,
        toUInt64OrNull(r['ts']) AS ts,
        arrayMap(name -> ${include shared/decimal_of_text text=r[name] decimals=2}, [
            'refund', 'payment', 'free_amount', 'freight', 'shop_freight', 'buyer_apply_refund',
            'receive_refund']) AS amounts,
        arrayMap(
            name -> ${include shared/source_time text=trimBoth(r[name])},
            ['created', 'modified', 'as_date', 'confirm_date']) AS stamps,
        arrayMap(t -> if(toYear(t) >= 2000, t, never), stamps) AS times,
        times[1] AS created,
        times[2] AS modified,
        arrayMap(name -> arrayMap(line -> line[name], items), [
            'asi_id', 'sku_id', 'i_id', 'name', 'properties_value', 'type', 'combine_sku_id', 'is_gift',
            'receive_date']) AS line_words,
        arrayMap(
            name -> arrayMap(
                line -> ifNull(${include shared/decimal_of_text text=line[name] decimals=4}, 0), items),
            ['qty', 'r_qty', 'defective_qty']) AS line_numbers,
        arrayMap(t -> ${include shared/source_time text=trimBoth(t)}, line_words[9]) AS line_stamps
    FROM ods.after_sale
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
) AS raw
${include shared/known_key_time module=after_sale key=as_id}
