count() AS handled,
sum(handle_seconds) AS seconds_to_refund
