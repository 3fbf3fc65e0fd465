-- The stock of every SKU, in every warehouse where it is read so. Amount: the quantity in stock.
${include shared/certify
    module=inventory
    key=record
    amount=qty
    decimals=4
    on_day=1
    lacking=wide.rows = 0
    differing=wide.rows != mine.rows OR wide.version != mine.version
    cleaned=SELECT ${record_key} AS record, count() AS rows, max(version) AS version,
            max(state_of(assumeNotNull(modified), ts, ticket, fetched_at)) AS newest
        FROM dwd.dwd_inventory FINAL
        GROUP BY record
    widened=SELECT ${record_key} AS record, count() AS rows, max(version) AS version, sum(qty) AS shown
        FROM dws.dws_inventory FINAL
        GROUP BY record
}
