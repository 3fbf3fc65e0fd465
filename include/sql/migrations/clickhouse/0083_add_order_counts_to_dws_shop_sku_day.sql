ALTER TABLE dws.dws_shop_sku_day
    ADD COLUMN IF NOT EXISTS out_order_count UInt64 DEFAULT finalizeAggregation(out_orders)
        COMMENT '含该商品的出库单数（跨日、跨店铺可以相加，跨商品不可）' AFTER out_orders,
    ADD COLUMN IF NOT EXISTS refund_order_count UInt64 DEFAULT finalizeAggregation(refund_orders)
        COMMENT '含该商品的退款单数（跨日、跨店铺可以相加，跨商品不可）' AFTER refund_orders
