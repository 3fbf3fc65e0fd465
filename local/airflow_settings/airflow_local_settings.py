"""Imported by every Airflow component: heavy modules are loaded once, before tasks fork from the scheduler.

Without this each task imports pandas (2.3 s) and clickhouse_driver (0.35 s) again. Only imports belong here: a
client made before the fork would share its sockets between tasks.
"""

import sys

if {"scheduler", "triggerer"} & set(sys.argv[1:3]):
    import clickhouse_driver  # noqa: F401
    import confluent_kafka  # noqa: F401
    import httpx  # noqa: F401
    import pandas  # noqa: F401
