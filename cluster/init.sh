#!/bin/sh
# Everything that must be there before a scheduler looks at a DAG. It may be run again at any time.
set -eu
# on several machines nothing else waits for PostgreSQL
airflow db check --retry 36 --retry-delay 5
airflow db migrate
airflow roles import /opt/airflow/include/config/airflow_roles.json
python /opt/jst/admin_account.py
python -m jst.airflow.prepare
# two ClickHouse nodes are the rule here, and this DAG is paused where there is one
airflow dags reserialize
airflow dags unpause --yes jst_standby
