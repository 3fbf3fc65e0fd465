"""Measurements: ``make bench`` lists them, ``make bench NAME=freshness ARGS="--minutes 1"`` runs one."""
