"""Time boards (30 people) and free queries (5) over 10,000,000 lines while loading goes on (ten minutes)."""
