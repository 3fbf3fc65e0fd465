-- What the viewer who is named may choose among.
SELECT
    (SELECT arraySort(groupUniqArray((shop_id, toString(shop_name), toString(platform)))) FROM dim.dim_shop FINAL)
        AS shops,
    (SELECT arraySort(groupUniqArray(toString(category))) FROM dim.dim_sku FINAL WHERE category != '') AS categories,
    ${include boards/seen} AS seen
