ALTER TABLE plan ADD COLUMN branches bigint[];
COMMENT ON COLUMN plan.branches IS 'only these warehouses are read, the first load of new ones; null: all that are asked by then';
