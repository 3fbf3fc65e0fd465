"""What the stores of a house hold at one moment, to be put back, so that several tests begin with one past."""

from __future__ import annotations

from tests.support.house import House

_CONTROL = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
              AND relname <> 'migration' ORDER BY oid"""
_WAREHOUSE = """SELECT database || '.' || name, 'ops.kept_' || database || '_' || name FROM system.tables
                WHERE database IN ('ods', 'dwd', 'dws', 'dim', 'access') AND total_rows > 0"""


class KeptStores:
    """Kafka is not kept: what no receipt names is not read. Nor are sequences: no number is given twice."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._control = [name for (name,) in house.database.rows(_CONTROL)]  # those before those that refer to them
        self._warehouse = house.rows(_WAREHOUSE)
        copies = "; ".join(f"CREATE TABLE kept.{name} AS TABLE public.{name}" for name in self._control)
        house.database.rows(f"DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept; {copies}")
        for table, copy in self._warehouse:
            house.warehouse.execute(f"CREATE OR REPLACE TABLE {copy} AS {table}")
            house.warehouse.execute(f"ALTER TABLE {copy} ATTACH PARTITION ALL FROM {table}")

    def put_back(self) -> None:
        """Let the stores hold what they held, and nothing else."""
        house = self._house
        rows = "; ".join(
            f"INSERT INTO public.{name} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{name}" for name in self._control
        )
        house.database.rows(f"TRUNCATE {', '.join(self._control)}; {rows}")
        for table, _ in house.rows(_WAREHOUSE):
            house.warehouse.execute(f"TRUNCATE TABLE {table}")
        for table, copy in self._warehouse:
            house.warehouse.execute(f"ALTER TABLE {table} ATTACH PARTITION ALL FROM {copy}")

    def close(self) -> None:
        """Remove the copies."""
        self._house.database.rows("DROP SCHEMA kept CASCADE")
        for _, copy in self._warehouse:
            self._house.warehouse.execute(f"DROP TABLE {copy} SYNC")
