SELECT arraySort(groupUniqArray(${shop})) FROM ${table} WHERE ${recent} SETTINGS final = 1
