-- What DWD has of the kind that is not read any more: nothing may widen it again.
DELETE FROM dwd.dwd_inventory WHERE NOT (${include shared/stock_kind kinds=${read} branch=wms_co_id})
