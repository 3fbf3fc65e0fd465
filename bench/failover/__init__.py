"""Kill or freeze the serving one of two ClickHouse nodes 20 times under load."""
