SELECT i_id, min(name) AS style_name FROM dim.dim_sku FINAL WHERE i_id IN %(keys)s GROUP BY i_id
