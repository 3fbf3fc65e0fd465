-- ods.shop -> dwd.dwd_shop for the records in touched: their key and where each lies in Kafka.
INSERT INTO dwd.dwd_shop
(
    shop_id, shop_name, short_name, shop_site, group_id, group_name, created, modified,
    plan_id, attempt, ticket, fetched_at, version
)
SELECT
    toInt64(key), -- shop_id
    tupleElement(r, 'shop_name'), tupleElement(r, 'short_name'), tupleElement(r, 'shop_site'),
    tupleElement(r, 'group_id'), tupleElement(r, 'group_name'),
    if(toYear(stamps[1]) >= 2000, stamps[1], NULL), -- created
    stamps[2], -- modified
    plan_id, attempt, ticket, fetched_at,
    ${include shared/version modified=stamps[2] ts=NULL ticket=ticket fetched_at=fetched_at} -- version
FROM
(
    SELECT
        key, plan_id, attempt, ticket, fetched_at,
        JSONExtract(body, 'Tuple(
            shop_name String, short_name String, shop_site String, group_id String, group_name String,
            created String, modified String)') AS r,
        arrayMap(
            t -> ${include shared/source_time text=trimBoth(t)},
            [tupleElement(r, 'created'), tupleElement(r, 'modified')]) AS stamps
    FROM ods.shop
    WHERE (partition, offset) IN (SELECT partition, offset FROM touched)
)
