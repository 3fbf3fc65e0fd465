-- Which lines of dws_sale_out count: what left the warehouse; abnormal lines (qty < 0) do not.
is_shipped
    AND NOT is_abnormal
