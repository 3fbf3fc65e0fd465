"""The key of a warehouse's record can be taken apart whatever the SKU's code holds."""

from __future__ import annotations

import pytest

from jst.model.record_id import branch_key, split_key


@pytest.mark.parametrize("sku_id", ["K1-01", "a@b", "a@11001", "红,L", "0", "@"])
def test_a_key_is_taken_apart_into_what_it_was_made_of(sku_id: str) -> None:
    assert split_key(branch_key(sku_id, 11001)) == (sku_id, 11001)


@pytest.mark.parametrize("key", ["", "K1", "K1@", "@11001", "K1@x", "K1@0", "K1@-1", "K1@011", "K1@1.0", "K1@１"])
def test_what_is_no_such_key_is_none(key: str) -> None:
    assert split_key(key) is None
