"""Time how long changed labels take to reach 100,000 rows already written."""
