-- What the workbook has put into a table.
SELECT ${columns} FROM ${table} FINAL WHERE ${ours}
