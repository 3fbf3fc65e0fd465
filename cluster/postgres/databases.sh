#!/bin/sh
# Run once, when the volume is empty: Airflow's database and the control database, each with an owner of its own.
set -eu
psql --variable=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --variable=airflow="$AIRFLOW_PASSWORD" --variable=jst="$JST_PASSWORD" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE ROLE jst LOGIN PASSWORD :'jst';
CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE jst_ops OWNER jst;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
REVOKE CONNECT ON DATABASE jst_ops FROM PUBLIC;
SQL
