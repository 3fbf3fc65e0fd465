-- Orders of several SKUs count once: the mart keeps the orders themselves.
uniqExactMerge(out_states) AS out_orders,
uniqExactMerge(refund_states) AS refund_orders
