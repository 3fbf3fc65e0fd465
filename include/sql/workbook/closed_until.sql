SELECT ${include shared/closed_until}
