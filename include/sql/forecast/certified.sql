-- PostgreSQL: what the last check of every day came to.
SELECT DISTINCT ON (day) day, state <> 'open' FROM certificate WHERE module = %(module)s ORDER BY day, number DESC
