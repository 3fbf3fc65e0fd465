ratio(countIf(was_shipped AND was_refunded), countIf(was_shipped))
