ratio(sumIf(lead_seconds, lead_seconds >= 0), countIf(lead_seconds >= 0) * 3600)
