"""Measure what the size of the warehouse does to the work of a live minute."""
