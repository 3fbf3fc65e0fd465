ALTER TABLE dws.dws_shop_hour
    ADD COLUMN IF NOT EXISTS return_refund_count UInt64 COMMENT '退货退款单数（可以相加）' AFTER return_qty,
    ADD COLUMN IF NOT EXISTS refund_only_count UInt64 COMMENT '仅退款单数（可以相加）' AFTER return_refund_count,
    ADD COLUMN IF NOT EXISTS exchange_count UInt64 COMMENT '换货单数（可以相加）' AFTER refund_only_count,
    ADD COLUMN IF NOT EXISTS quality_issue_count UInt64 COMMENT '质量问题的售后单数（可以相加）' AFTER exchange_count,
    ADD COLUMN IF NOT EXISTS handled_count UInt64 COMMENT '已退款的售后单数，按售后创建的时间（可以相加）' AFTER quality_issue_count,
    ADD COLUMN IF NOT EXISTS handle_seconds Int64 COMMENT '它们从创建到退款的秒数之和' AFTER handled_count,
    ADD COLUMN IF NOT EXISTS lead_order_count UInt64 COMMENT '付款（没有则创建）不晚于出库的出库单数（可以相加）' AFTER handle_seconds,
    ADD COLUMN IF NOT EXISTS lead_seconds Int64 COMMENT '它们从付款到出库的秒数之和' AFTER lead_order_count,
    ADD COLUMN IF NOT EXISTS form UInt64 COMMENT '按什么口径计：与现在不同的行会重算' AFTER lead_seconds
