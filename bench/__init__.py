"""Measurements on a running stack."""
