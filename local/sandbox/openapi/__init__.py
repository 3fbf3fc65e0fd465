"""The dialect of the vendor's public API."""
