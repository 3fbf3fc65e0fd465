-- What the viewer who is named may see: shops and roles, asked under the viewer's own policies.
SELECT
    (SELECT arraySort(groupUniqArray(shop_id)) FROM access.user_shop FINAL) AS shops,
    (SELECT arraySort(groupUniqArray(toString(role))) FROM access.user_role FINAL) AS roles,
    ${include boards/seen} AS seen
