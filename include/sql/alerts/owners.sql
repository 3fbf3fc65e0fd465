-- Who owns which shop, by the workbook that is in force.
SELECT shop_id, owner FROM dim.dim_shop FINAL WHERE in_workbook AND owner != '' AND shop_id IN %(shops)s
