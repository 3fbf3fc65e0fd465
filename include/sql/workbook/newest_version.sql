SELECT max(version) FROM dim.${table}
