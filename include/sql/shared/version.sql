-- The version of a record, by which the newest wins. Where the source gives a row version, that alone decides: 2^63 + ts,
-- above all that is made of a time. Elsewhere it is the second of modified, then the ticket of the request that brought
-- it; a modified later than the reading by more than the source lets a clock differ is no time of a change, and would win
-- over every change to come: the reading stands in for it.
if(
    isNull(${ts}),
    bitShiftLeft(toUInt64(toUnixTimestamp(if(
        ${modified} > toDateTime(${fetched_at}) + INTERVAL 15 MINUTE, toDateTime(${fetched_at}), ${modified}))), 32)
        + bitAnd(${ticket}, 0xFFFFFFFF),
    9223372036854775808 + toUInt64(ifNull(${ts}, 0)))
