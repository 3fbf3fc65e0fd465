-- The master data of every SKU. Amount: the sale price.
${include shared/certify
    module=sku
    key=sku_id
    amount=sale_price
    decimals=4
    on_day=1
    lacking=wide.version = 0
    differing=wide.version != mine.version
    cleaned=SELECT sku_id, version, state_of(assumeNotNull(modified), ts, ticket, fetched_at) AS newest FROM dwd.dwd_sku FINAL
    widened=SELECT sku_id, version, sale_price AS shown FROM dim.dim_sku FINAL
}
