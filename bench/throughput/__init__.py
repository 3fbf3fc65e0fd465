"""Count orders per second through the load path, and rows per core-second beside dlt."""
