SELECT max(version) FROM ${table}
