sum(paid_amount) - sum(platform_fee) - sum(refund_amount)
