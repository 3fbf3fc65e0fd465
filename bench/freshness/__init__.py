"""Measure how old the newest data in the wide tables is, and what that costs (five minutes)."""
