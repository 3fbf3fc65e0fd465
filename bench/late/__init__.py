"""Commit changes up to an hour late, and time when they are in the warehouse (two hours)."""
