"""Count what four processes use of one shared quota, and how long live waits beside them (five minutes)."""
