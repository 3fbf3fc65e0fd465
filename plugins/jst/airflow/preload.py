"""What ``airflow_local_settings`` imports in every component of Airflow: heavy modules are loaded once, before tasks
and DAG parsers fork.

Without this each of them imports openpyxl, clickhouse_driver (0.35 s) and our own modules again, and a Celery worker of
nine processes takes twice the memory. Only imports belong here: a client made before the fork would share its sockets
between tasks.
"""

import sys
import warnings

# Two deprecations inside Airflow and its ClickHouse plugin would stand in every task log.
warnings.filterwarnings("ignore", message=".*gitwildmatch.*")
warnings.filterwarnings("ignore", message=".*airflow.hooks.base.BaseHook.*")

if sys.argv[1:2] == ["api-server"]:
    from airflow.api_fastapi.common.types import UIAlert

    DASHBOARD_UIALERTS = [
        UIAlert(
            text="值班先看 **[账本](/plugin/jst_ledger)**：第一行说是否一切正常，不正常时说怎么处理、打开哪个运行。"
            "DAG 列表按名称前的数字看：1 实时流，2 BI 看到的其他东西，3 证明与自愈，4 安装与少用的；"
            "标签 tier/1 停了马上要处理，tier/2 可以等到上班。接入自己的聚水潭：管理 → 连接 → 聚水潭。",
            category="info",
        )
    ]

if {"scheduler", "triggerer", "dag-processor", "celery"} & set(sys.argv[1:3]):
    import jst.flow.live.shift
    import jst.flow.live.watch
    import jst.flow.load
    import jst.warehouse.clickhouse_migrations
    import jst.workbook.shops  # noqa: F401
