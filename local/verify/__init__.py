"""Compares the wide tables with the source's truth, cell by cell, in a code path of its own.

Nothing of the product is imported here: the rules of the wide tables are written a second time, in Python integers, so
that an error in the product's SQL shows as a difference.
"""
