ratio(countIf(has_failed), count())
