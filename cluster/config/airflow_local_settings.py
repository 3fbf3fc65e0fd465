"""For $AIRFLOW_HOME/config. An Airflow that has a file of its own puts the line below into that."""

from jst.airflow.preload import *  # noqa: F403
