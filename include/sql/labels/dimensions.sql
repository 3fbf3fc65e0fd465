-- A number that changes with anything a label comes from, but SKUs.
SELECT toString(groupBitXor(row))
FROM
(
    SELECT cityHash64('shop', shop_id, shop_name, platform) AS row FROM dim.dim_shop FINAL
    UNION ALL
    SELECT cityHash64('fee', shop_id, valid_from, fee_rate) FROM dim.dim_shop_fee FINAL
    UNION ALL
    SELECT cityHash64('warehouse', wms_co_id, warehouse_name) FROM dim.dim_warehouse FINAL
    UNION ALL
    SELECT cityHash64('question', question_type) FROM dim.dim_quality_question FINAL
)
