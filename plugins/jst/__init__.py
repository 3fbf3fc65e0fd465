"""Jushuitan to Lingyang BI: everything behind the DAG files. Only ``jst.airflow`` imports Airflow."""
