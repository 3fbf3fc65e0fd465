-- The after-sales of a day. Amount: refunds of the orders created on it, where the source names one.
${include shared/certify_orders
    module=after_sale
    key=as_id
    dated_by=created
    amount=refund
    shown=refund_amount
}
