-- Migrations this server has run, with the checksum they had.
SELECT name, checksum FROM ops.migration FINAL
