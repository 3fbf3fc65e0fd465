sum(out_amount) - sum(cost_amount) - sum(platform_fee) - sum(refund_amount)
