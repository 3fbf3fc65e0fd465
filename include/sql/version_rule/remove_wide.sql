-- What the wide table shows of some keys, before it is widened again.
DELETE FROM ${table} WHERE ${key} IN %(keys)s
