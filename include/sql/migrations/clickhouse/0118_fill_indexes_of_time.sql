-- Orders from before: a part without its indexes is read whole.
ALTER TABLE dwd.dwd_sale_out
    MATERIALIZE INDEX modified_index,
    MATERIALIZE INDEX fetched_at_index
