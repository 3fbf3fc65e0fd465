INSERT INTO ops.migration (name, checksum) VALUES
