"""The outside world on one machine: PostgreSQL, Kafka, ClickHouse, the sandbox ERP and Airflow under one supervisor."""
