-- How long stock lasts, as it was computed last; of days before there is none.
SELECT sku_id, i_id, category, wms_co_id, available_qty, daily_demand, run_out_at
FROM dws.dws_sku_outlook FINAL
WHERE toDate(toDateTime(%(as_of)s, 'Asia/Shanghai')) BETWEEN toDate(%(first)s) AND toDate(%(last)s)
