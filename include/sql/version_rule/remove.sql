-- Those rows themselves, once they are written again.
DELETE FROM dwd.dwd_${module} WHERE ${include shared/outranks}
