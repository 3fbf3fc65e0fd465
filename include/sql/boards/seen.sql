-- What the viewer who is named may see, as one number: every row of an answer carries it, so that no answer is kept for
-- another set of rights than those it was made under.
cityHash64(
    (SELECT arraySort(groupUniqArray(shop_id)) FROM access.user_shop FINAL),
    (SELECT arraySort(groupUniqArray(toString(role))) FROM access.user_role FINAL))
