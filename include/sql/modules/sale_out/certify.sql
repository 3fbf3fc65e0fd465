-- The orders of a day. Amount: gmv of the orders shipped on it, where the source names one.
${include shared/certify_orders
    module=sale_out
    key=io_id
    dated_by=io_date
    amount=pay_amount
    shown=gmv
}
