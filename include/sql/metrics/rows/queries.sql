SELECT * FROM queries
