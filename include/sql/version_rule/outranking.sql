-- Keys with a row whose version shuts out what follows.
SELECT DISTINCT ${key} FROM dwd.dwd_${module} WHERE ${include shared/outranks}
