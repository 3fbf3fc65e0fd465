CREATE MATERIALIZED VIEW IF NOT EXISTS dwd.dwd_refund_seen_feed
TO dwd.dwd_refund_seen
AS SELECT as_id, assumeNotNull(modified) AS seen_at
FROM dwd.dwd_after_sale
WHERE state = '已退款' AND modified IS NOT NULL
