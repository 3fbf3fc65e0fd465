"""The whole path without Airflow: sandbox ERP → Kafka → ClickHouse, all real processes."""

from tests.support.fixtures import house, sandbox, schema, stores

__all__ = ["house", "sandbox", "schema", "stores"]
