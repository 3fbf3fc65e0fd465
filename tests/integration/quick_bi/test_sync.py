"""The vendor's own SDK against our stand-in, with the tag table in the real ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from jst.access.fill import fill, viewers
from jst.access.quick_bi import DataSet, QuickBi, QuickBiSettings
from jst.access.quick_bi_sync import Sync, fill_tags, filtered_shops
from jst.access.spec import load_access
from jst.clock import SystemClock
from jst.errors import Misconfigured, Retry
from tests.support.guarded_clickhouse import Guarded
from tests.support.quick_bi_stand_in import API, CUBE, KEY_ID, KEY_SECRET, RULE, Organisation, StandIn

pytestmark = pytest.mark.clickhouse
SHOP = "INSERT INTO dim.dim_shop (shop_id, owner, in_workbook, version, is_deleted) VALUES"
USERS = {
    "zhang.wei@company": "u-zhang",
    "li.na@company": "u-li",
    "cai.wu@company": "u-cai",
    "guest@company": "u-guest",
    "gone@company": "u-gone",
}


@pytest.fixture
def organisation(guarded: Guarded) -> Iterator[Organisation]:
    with guarded.as_user("lingyang_bi") as bi:
        yield Organisation(lambda sql: list(bi.execute(sql)), dict(USERS), disabled={"u-gone"}, members={"u-gone"})


@pytest.fixture
def settings(organisation: Organisation) -> Iterator[QuickBiSettings]:
    server = StandIn(organisation)
    data_set = {"name": "销售出库", "cube_id": CUBE, "rule_id": RULE, "api_id": API}
    extra = {"protocol": "http", "account_name": "{account}@company", "data_sets": [data_set]}
    yield QuickBiSettings.from_connection(server.address, KEY_ID, KEY_SECRET, extra)
    server.close()


def sync(guarded: Guarded, settings: QuickBiSettings) -> Sync:
    fill(guarded.etl, load_access(guarded.access).people)
    fill_tags(guarded.etl, settings)
    return Sync(QuickBi(settings, SystemClock()), settings, viewers(guarded.etl))


def details(work: Sync) -> dict[str, str]:
    return {proof.account: proof.detail for proof in work.prove() if proof.detail}


def test_a_fresh_organisation_is_closed_and_proven(
    guarded: Guarded, organisation: Organisation, settings: QuickBiSettings
) -> None:
    organisation.page_size = 2  # three pages of members
    work = sync(guarded, settings)
    assert work.absent() == ["wang.fang"]
    assert details(work)["zhang.wei"] == "看到了不属于自己的店铺 102、103、104"
    assert work.apply() == {"switched": 2, "added": 3, "removed": 1}
    assert (organisation.is_open, organisation.miss_hit) == (1, "NONE")
    assert organisation.members == {"u-zhang", "u-li", "u-cai"}
    proofs = {proof.account: proof for proof in work.prove()}
    assert {account: (proof.seen, proof.detail) for account, proof in proofs.items()} == {
        "zhang.wei": ((101,), ""),  # 105 has no rows
        "li.na": ((102,), ""),
        "cai.wu": ((101, 102, 103, 104), ""),
        "guest@company": ((), ""),
    }
    assert work.apply() == {"switched": 0, "added": 0, "removed": 0}
    assert fill_tags(guarded.etl, settings) == 0


def test_a_new_owner_is_in_force_at_once_although_tags_are_cached(
    guarded: Guarded, organisation: Organisation, settings: QuickBiSettings
) -> None:
    work = sync(guarded, settings)
    work.apply()
    assert details(work) == {}
    try:
        guarded.etl.execute(SHOP, [(102, "zhang.wei", 1, 8, 0)])
        work = sync(guarded, settings)
        stale = details(work)  # Quick BI still goes by what it remembers
        assert stale["zhang.wei"] == "SQL 的店铺条件是 101、105"
        assert stale.get("li.na", "") == ""  # no longer known, so nobody asks for her: her membership goes below
        assert work.apply() == {"switched": 0, "added": 0, "removed": 1}
        assert details(work) == {}
        assert organisation.members == {"u-zhang", "u-cai"}
    finally:
        guarded.etl.execute(SHOP, [(102, "li.na", 1, 9, 0)])
        sync(guarded, settings)


def test_what_is_open_to_strangers_is_found_out(
    guarded: Guarded, organisation: Organisation, settings: QuickBiSettings
) -> None:
    work = sync(guarded, settings)
    work.apply()
    organisation.miss_hit = "ALL"
    wrong = details(work)
    assert wrong[""] == "行级权限没有打开，或没有命中规则的人能看到全部"
    assert wrong["guest@company"].startswith("看到了不属于自己的店铺")


def test_sql_without_the_filter_is_found_out_even_where_the_rows_are_right(
    guarded: Guarded, organisation: Organisation, settings: QuickBiSettings
) -> None:
    work = sync(guarded, settings)
    work.apply()
    organisation.ignores_rules = True
    all_rows = organisation.select
    organisation.select = lambda sql: [row for row in all_rows(sql) if row[0] == 101]
    assert details(work)["zhang.wei"] == "SQL 里没有店铺条件"


def test_every_question_names_a_member(guarded: Guarded, organisation: Organisation, settings: QuickBiSettings) -> None:
    bi = QuickBi(settings, SystemClock())
    with pytest.raises(ValueError, match="user_id"):
        bi.seen_by(settings.data_sets[0], "")
    assert "QueryData" not in organisation.calls


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key_secret": "wrong"}, "拒绝了 QueryUserList：SignatureDoesNotMatch"),
        ({"key_id": "nobody"}, "拒绝了 QueryUserList：InvalidAccessKeyId.NotFound"),
        ({"data_sets": (DataSet("退款", CUBE, "no-rule", API),)}, "数据集“退款”里没有启用的行级权限规则 no-rule"),
    ],
)
def test_a_refusal_says_what_to_do(
    guarded: Guarded, organisation: Organisation, settings: QuickBiSettings, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(Misconfigured, match=said) as caught:
        sync(guarded, replace(settings, **change)).apply()
    assert "处理：" in str(caught.value)
    assert KEY_SECRET not in str(caught.value)


def test_an_unbound_tag_table_is_named(guarded: Guarded, organisation: Organisation, settings: QuickBiSettings) -> None:
    organisation.bound_to = "another"
    with pytest.raises(Misconfigured, match="没有绑定标签表 quick_bi_tag"):
        sync(guarded, settings).apply()


def test_trouble_that_passes_is_tried_again(
    guarded: Guarded, organisation: Organisation, settings: QuickBiSettings
) -> None:
    work = sync(guarded, settings)
    organisation.broken = "ClearDynamicTagCache"
    with pytest.raises(Retry, match="ServiceUnavailable"):
        work.apply()
    with pytest.raises(Retry, match="没有得到答复"):
        QuickBi(replace(settings, endpoint="127.0.0.1:1"), SystemClock()).members()


@contextmanager
def refused(field: str) -> Iterator[None]:
    with pytest.raises(Misconfigured, match=field):
        yield


def test_a_wrong_connection_names_its_field() -> None:
    good = {"data_sets": [{"name": "a", "cube_id": "b", "rule_id": "c", "api_id": "d"}]}
    assert (
        QuickBiSettings.from_connection("", "id", "secret", good).endpoint == "quickbi-public.cn-hangzhou.aliyuncs.com"
    )
    with refused("AccessKey"):
        QuickBiSettings.from_connection("", "", "secret", good)
    with refused("extra.data_sets"):
        QuickBiSettings.from_connection("", "id", "secret", {"data_sets": [{"name": "a"}]})
    with refused("account_name"):
        QuickBiSettings.from_connection("", "id", "secret", good | {"account_name": "x"})
    with refused("extra 里有不认识的字段 cubes"):
        QuickBiSettings.from_connection("", "id", "secret", good | {"cubes": 1})


@pytest.mark.parametrize(
    ("sql", "shops"),
    [
        ("SELECT 1 FROM t WHERE `shop_id` IN ('101', '102')", {"101", "102"}),
        ('SELECT 1 FROM t WHERE (T_1."shop_id") in (101)', {"101"}),
        ("SELECT T.`店铺编号` AS `店铺编号` FROM bi.sale_out T WHERE T.`店铺编号` IN (101)", {"101"}),
        ("SELECT 1 FROM t WHERE shop_id = '101' LIMIT 10", {"101"}),
        ("SELECT shop_id FROM t", None),
        ("SELECT shop_id FROM t WHERE shop_id IN (101) OR 1 = 1", None),
        ("SELECT shop_id FROM t WHERE BI=BI", None),
        ("SELECT shop_id FROM t WHERE not_shop_ids IN (101)", None),
    ],
)
def test_the_filter_is_read_from_the_sql(sql: str, shops: set[str] | None) -> None:
    assert filtered_shops(sql) == shops
