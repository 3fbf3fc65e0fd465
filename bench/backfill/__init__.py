"""Tear holes into three past days and close them by a backfill through Airflow's REST interface."""
