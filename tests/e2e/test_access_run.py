"""lingyang_access as Airflow runs it: rights from the shipped workbook, proven, told in Chinese."""

from __future__ import annotations

import pytest

from jst.spec import INCLUDE
from jst.warehouse.shops import read_workbook, store_shops
from local.instance import Instance
from tests.e2e.test_dags_run import Airflow, airflow
from tests.integration.conftest import House

__all__ = ["airflow"]
pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
SOLD = """INSERT INTO dws.dws_sale_out (io_id, line_id, shop_id, biz_day, version)
    SELECT 'a', toString(number), 101 + number, today(), 1 FROM numbers(3)"""


def run(airflow: Airflow) -> str:
    done = airflow.run("dags", "test", "lingyang_access")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def test_access_is_filled_and_proven_and_bears_to_be_cleared(airflow: Airflow, house: House, stack: Instance) -> None:
    airflow.connect(house)
    for user in ("boards", "boards_finance"):
        airflow.set(f"clickhouse_{user}", "clickhouse", login=user, password=stack.layout.secrets.clickhouse(user))
    store_shops(house.warehouse, read_workbook(INCLUDE / "config" / "shops.xlsx"))
    house.warehouse.execute(SOLD)
    said = run(airflow)
    assert "zhang.wei：店铺 101" in said
    assert "✓ zhang.wei：应见店铺 101；查到数据的店铺 101" in said
    assert "✓ admin：应见店铺 101、102、103、104、105、106、107、108，可看成本" in said
    assert "✓ 未知账号与未署名的查询" in said
    assert "没有连接 quick_bi_default：瓴羊BI 的权限同步没有启用" in said
    assert house.rows("SELECT count() FROM access.user_shop FINAL") == [(16,)]
    assert "权限表改动 0 行" in run(airflow)
    proofs = house.rows("SELECT uniqExact(proven_at), min(passed), uniqExact(account) FROM ops.access_proof")
    assert proofs[0][:2] == (2, 1)
    assert proofs[0][2] >= 9 + 2  # owners and admin; nobody, and the boards themselves


def test_without_the_boards_login_the_proof_says_which_connection(airflow: Airflow, house: House) -> None:
    airflow.connect(house)
    airflow.environment.pop("AIRFLOW_CONN_CLICKHOUSE_BOARDS", None)
    done = airflow.run("tasks", "test", "lingyang_access", "prove_access", "2026-01-01")
    assert "Airflow 里没有连接 clickhouse_boards" in done.stdout + done.stderr
