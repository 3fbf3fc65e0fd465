"""The same parts as the integration tests: the DAGs must do with them what the tests there do."""

from tests.integration.conftest import house, sandbox, schema

__all__ = ["house", "sandbox", "schema"]
