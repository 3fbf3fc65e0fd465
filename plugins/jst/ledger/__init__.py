"""The ledger page (账本): what the system remembers, as on-call reads it first. Nothing here knows Airflow."""
