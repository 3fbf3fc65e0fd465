"""Imported by every Airflow component: heavy modules are loaded once, before tasks and DAG parsers fork.

Without this each of them imports openpyxl, clickhouse_driver (0.35 s) and our own modules again. Only imports belong
here: a client made before the fork would share its sockets between tasks.
"""

import sys
import warnings

# Two deprecations inside Airflow and its ClickHouse plugin would stand in every task log.
warnings.filterwarnings("ignore", message=".*gitwildmatch.*")
warnings.filterwarnings("ignore", message=".*airflow.hooks.base.BaseHook.*")

if {"scheduler", "triggerer", "dag-processor"} & set(sys.argv[1:3]):
    import jst.flow.live.shift
    import jst.flow.live.watch
    import jst.flow.load
    import jst.warehouse.clickhouse_migrations
    import jst.workbook.shops  # noqa: F401
