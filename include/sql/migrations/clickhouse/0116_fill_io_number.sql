-- Rows from before are right without it: until the server has written it for a part, in the background, a number is made
-- of the id whenever it is read, and the part is read whole.
ALTER TABLE dws.dws_sale_out
    MATERIALIZE COLUMN io_number,
    MATERIALIZE INDEX fetched_at_index
