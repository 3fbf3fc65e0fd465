ratio(sum(refund_amount), sum(out_amount))
