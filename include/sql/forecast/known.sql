-- PostgreSQL: since when and up to when all that was shipped is proven.
SELECT kind, value FROM watermark WHERE module = %(module)s AND kind IN ('start', 'complete')
