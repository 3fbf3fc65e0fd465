"""The earlier name of ``jst.airflow.live_feed``, kept for one release: DAG files of added modules import it."""

from jst.airflow.dag_defaults import START
from jst.airflow.live_feed import live_feed

__all__ = ["START", "live_feed"]
