"""Refuse requests in real time, and time when every module is live again (half an hour)."""
