-- What was shipped, summed over lines (marts/lines).
sum(out_qty) AS qty,
sum(out_amount) AS amount,
sum(gmv) AS goods,
sum(discount_amount) AS discount,
sum(paid_amount) AS paid,
sum(freight_amount) AS freight,
sum(platform_fee) AS fee
