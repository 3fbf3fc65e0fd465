"""The ledger page (账本): the state of the system, as on-call reads it first. Nothing here knows Airflow."""
