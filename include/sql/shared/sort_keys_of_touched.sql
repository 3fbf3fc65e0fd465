-- The rows a wide table has of the orders in ``among``, found by the front of its sort key and not by reading all.
(key_time, ${key}) IN
(
    SELECT key_time, ${key} FROM dwd.dwd_${module} WHERE ${key} IN (SELECT key FROM ${among})
)
