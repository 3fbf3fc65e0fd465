SELECT arraySort(groupUniqArray(shop_id)) FROM ${table} WHERE ${recent} SETTINGS final = 1
