ratio(seconds_to_ship, orders_led * 3600)
