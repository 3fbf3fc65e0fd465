countIf(lead_seconds >= 0) AS orders_led,
sumIf(lead_seconds, lead_seconds >= 0) AS seconds_to_ship
