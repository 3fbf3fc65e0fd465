"""The source's stand-in: an ERP with a living shop that speaks the source's dialects.

It misbehaves on demand and gives its true state. It shares no code with the product, so that a mistake in one cannot
hide in the other.
"""
