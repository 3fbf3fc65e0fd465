"""A night of faults on the running stack, seen by a browser that reads only what Airflow shows."""
