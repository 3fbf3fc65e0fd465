-- The version of a record, by which the newest wins: the second of modified, then the source's counter ts or, where the
-- source has none, the ticket of the request that brought it.
bitShiftLeft(toUInt64(toUnixTimestamp(${modified})), 32) + bitAnd(${counter}, 0xFFFFFFFF)
