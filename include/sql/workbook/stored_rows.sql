-- What the workbook has put into a dimension.
SELECT ${columns} FROM dim.${table} FINAL WHERE ${ours}
