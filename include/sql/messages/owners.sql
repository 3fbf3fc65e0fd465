-- Whom each shop concerns, as the workbook in force says.
SELECT shop_id, account FROM ops.shop_owner FINAL ORDER BY shop_id, account
