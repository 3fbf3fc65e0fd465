-- What is visible on the serving node, to this one.
INSERT INTO ${table} (${stored})
SELECT ${stored}
FROM ${remote}(%(address)s, ${table}, %(user)s, %(password)s)
WHERE ${where}
SETTINGS final = 1
