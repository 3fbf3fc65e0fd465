ALTER TABLE dwd.dwd_inventory
    COMMENT COLUMN IF EXISTS version '2^63 + ts where the source gives a ts; else unix(modified) * 2^32 + low 32 bits of the ticket'
