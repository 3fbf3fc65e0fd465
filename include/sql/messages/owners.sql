-- Who owns each shop, as the workbook in force says.
SELECT shop_id, toString(owner) FROM dim.dim_shop FINAL WHERE in_workbook AND owner != ''
