-- Shops of the workbook in force, the account of their owner left out.
SELECT * EXCEPT owner
FROM dim.dim_shop FINAL
