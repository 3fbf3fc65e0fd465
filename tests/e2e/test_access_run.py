"""lingyang_access as Airflow runs it: rights from the shipped workbook, proven, told in Chinese."""

from __future__ import annotations

import pytest
from clickhouse_driver import Client

from jst.workbook.shops import read_workbook, store_shops
from local.instance import Instance
from local.layout import SANDBOX_WORKBOOK
from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.quick_bi_stand_in import API, CUBE, KEY_ID, KEY_SECRET, RULE, Organisation, StandIn

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
SOLD = """INSERT INTO dws.dws_sale_out (io_id, line_id, shop_id, is_shipped, biz_day, version)
    SELECT 'a', toString(number), 101 + number, 1, today(), 1 FROM numbers(3)"""


def run(airflow: Airflow) -> str:
    done = airflow.run("dags", "test", "lingyang_access")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def test_access_is_filled_and_proven_and_bears_to_be_cleared(airflow: Airflow, house: House, stack: Instance) -> None:
    airflow.connect(house)
    for user in ("boards", "boards_finance"):
        airflow.set(f"clickhouse_{user}", "clickhouse", login=user, password=stack.layout.secrets.clickhouse(user))
    store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
    house.warehouse.execute(SOLD)
    said = run(airflow)
    assert "zhang.wei：店铺 101" in said
    assert "✓ zhang.wei：应见店铺 101；查到数据的店铺 101" in said
    shops = read_workbook(SANDBOX_WORKBOOK).shops
    assert f"✓ admin：应见店铺 {'、'.join(str(shop.shop_id) for shop in shops)}，可看成本" in said
    assert "✓ 未知账号与未署名的查询" in said
    assert "没有连接 quick_bi_default：瓴羊BI 的权限同步没有启用" in said
    everywhere = ["admin", "finance", "oncall", "push", "wall:仓库大屏"]  # beside the owner of each shop
    assert house.rows("SELECT count() FROM access.user_shop FINAL") == [(len(shops) * (1 + len(everywhere)),)]
    assert "权限表改动 0 行" in run(airflow)
    proofs = house.rows("SELECT uniqExact(proven_at), min(passed), uniqExact(account) FROM ops.access_proof")
    assert proofs[0][:2] == (2, 1)
    assert proofs[0][2] >= 9 + 2  # owners and admin; nobody, and the boards themselves


def test_quick_bi_is_kept_in_step_once_there_is_a_connection(airflow: Airflow, house: House, stack: Instance) -> None:
    """The vendor's SDK in the task, our stand-in behind it, which reads ClickHouse as 瓴羊BI would."""
    airflow.connect(house)
    store_shops(house.warehouse, read_workbook(SANDBOX_WORKBOOK))
    house.warehouse.execute(SOLD)
    for user in ("boards", "boards_finance"):
        airflow.set(f"clickhouse_{user}", "clickhouse", login=user, password=stack.layout.secrets.clickhouse(user))
    password = stack.layout.secrets.clickhouse("lingyang_bi")
    bi = Client(house.address["host"], house.address["port"], user="lingyang_bi", password=password)
    people = {"zhang.wei": "u-zhang", "admin": "u-admin", "a.guest": "u-guest"}
    organisation = Organisation(lambda sql: list(bi.execute(sql)), people)
    server = StandIn(organisation)
    data_set = {"name": "销售出库", "cube_id": CUBE, "rule_id": RULE, "api_id": API}
    extra = {"protocol": "http", "account_name": "{account}", "data_sets": [data_set]}
    airflow.set("quick_bi_default", "generic", host=server.address, login=KEY_ID, password=KEY_SECRET, extra=extra)
    try:
        said = run(airflow)
    finally:
        airflow.environment.pop("AIRFLOW_CONN_QUICK_BI_DEFAULT")
        server.close()
        bi.disconnect()
    assert "成员加入 2 移出 0" in said, said[-4000:]
    assert (organisation.members, organisation.miss_hit) == ({"u-zhang", "u-admin"}, "NONE")
    assert "瓴羊BI 组织里没有" in said  # the workbook's other owners
    assert KEY_SECRET not in said
    accounts = house.rows("SELECT DISTINCT account FROM ops.access_proof WHERE passed AND account = 'a.guest'")
    assert accounts == [("a.guest",)]


def test_without_the_boards_login_the_proof_says_which_connection(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    airflow.environment.pop("AIRFLOW_CONN_CLICKHOUSE_BOARDS", None)
    done = airflow.run("tasks", "test", "lingyang_access", "prove_access", "2026-01-01")
    assert "Airflow 里没有连接 clickhouse_boards" in done.stdout + done.stderr
