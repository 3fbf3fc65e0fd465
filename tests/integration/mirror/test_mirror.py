"""The SKU dimension in MySQL's dim_sku, with a real MariaDB server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jst.errors import Misconfigured, Retry
from jst.warehouse.mysql_mirror import mirror_skus, mysql
from local.instance import free_ports
from tests.support.mariadb import PASSWORD, USER, MariaDB
from tests.support.own_ca import OwnCa
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse
SKU = {"i_id": "款", "name": "连衣裙 👗", "category": "女装", "brand": "甲", "enabled": 1, "sale_price": "99.5"}


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> OwnCa:
    return OwnCa(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, ca: OwnCa) -> Iterator[MariaDB]:
    own = str(ca.issue())
    tls = (f"--ssl-ca={ca.file}", f"--ssl-cert={own}", f"--ssl-key={own}")
    server = MariaDB(tmp_path_factory.mktemp("mariadb"), free_ports().erp, *tls)
    yield server
    server.stop()


@pytest.fixture
def mariadb(server: MariaDB) -> MariaDB:
    server.execute("DROP TABLE IF EXISTS dim.dim_sku")
    return server


def load(warehouse: Warehouse, *skus: dict[str, Any], modified: str = "2026-01-02 12:00:00") -> None:
    bodies = [json.dumps({"modified": modified, "created": "2026-01-01 08:00:00"} | SKU | sku) for sku in skus]
    warehouse.load("sku", f"sku-{modified}", bodies)


def mirror(warehouse: Warehouse, mariadb: MariaDB, password: str = PASSWORD) -> int:
    with mysql("127.0.0.1", mariadb.port, USER, password, "dim", {}) as session:
        return mirror_skus(warehouse.client, session)


def test_it_is_made_filled_and_then_only_changes_are_written(warehouse: Warehouse, mariadb: MariaDB) -> None:
    load(warehouse, {"sku_id": "A"}, {"sku_id": "a", "enabled": None, "sale_price": None}, {"sku_id": "B"})
    assert mirror(warehouse, mariadb) == 3
    assert mirror(warehouse, mariadb) == 0
    rows = mariadb.execute(
        "SELECT sku_id, name, enabled, sale_price, CAST(modified AS CHAR), CAST(created AS CHAR) FROM dim.dim_sku"
        " ORDER BY sku_id"
    )
    times = ("2026-01-02 12:00:00", "2026-01-01 08:00:00")
    assert [tuple(map(str, row)) for row in rows] == [
        ("A", "连衣裙 👗", "1", "99.5000", *times),
        ("B", "连衣裙 👗", "1", "99.5000", *times),
        ("a", "连衣裙 👗", "None", "None", *times),
    ]
    load(warehouse, {"sku_id": "B", "name": "改名", "category": "男装"}, modified="2026-01-03 00:00:00")
    assert mirror(warehouse, mariadb) == 1
    assert mariadb.execute("SELECT name, category FROM dim.dim_sku WHERE sku_id = 'B'") == [("改名", "男装")]
    mariadb.execute("UPDATE dim.dim_sku SET brand = '错' WHERE sku_id = 'A'")
    assert mirror(warehouse, mariadb) == 1  # whoever writes there by hand is put right
    assert mariadb.execute("SELECT DISTINCT brand FROM dim.dim_sku") == [("甲",)]


def test_a_table_that_was_there_keeps_its_shape(warehouse: Warehouse, mariadb: MariaDB) -> None:
    mariadb.execute("CREATE TABLE dim.dim_sku (id INT AUTO_INCREMENT PRIMARY KEY, sku_id VARCHAR(64) UNIQUE,"
                    " name VARCHAR(100), season VARCHAR(10) DEFAULT '春')")  # fmt: skip
    mariadb.execute("INSERT INTO dim.dim_sku (sku_id, name, season) VALUES ('B', '旧名', '秋'), ('Z', '停售', '冬')")
    load(warehouse, {"sku_id": "A"}, {"sku_id": "B"})
    assert mirror(warehouse, mariadb) == 2
    assert mariadb.execute("SELECT sku_id, name, season FROM dim.dim_sku ORDER BY sku_id") == [
        ("A", "连衣裙 👗", "春"), ("B", "连衣裙 👗", "秋"), ("Z", "停售", "冬")
    ]  # fmt: skip


def test_a_table_it_cannot_write_is_named_and_left_alone(warehouse: Warehouse, mariadb: MariaDB) -> None:
    load(warehouse, {"sku_id": "A"}, {"sku_id": "B"})
    mariadb.execute("CREATE TABLE dim.dim_sku (sku_id VARCHAR(64), name VARCHAR(100), season VARCHAR(9) NOT NULL)")
    with pytest.raises(Misconfigured, match="没有只在 sku_id 上的主键或唯一键"):
        mirror(warehouse, mariadb)
    mariadb.execute("ALTER TABLE dim.dim_sku ADD PRIMARY KEY (sku_id)")
    with pytest.raises(Misconfigured, match="不接受商品维表：Field 'season' doesn't have a default value"):
        mirror(warehouse, mariadb)
    assert mariadb.execute("SELECT count(*) FROM dim.dim_sku") == [(0,)]  # all of it or nothing


def test_a_text_too_long_for_the_table_costs_only_itself(
    warehouse: Warehouse, mariadb: MariaDB, caplog: pytest.LogCaptureFixture
) -> None:
    mariadb.execute("CREATE TABLE dim.dim_sku (sku_id VARCHAR(9) PRIMARY KEY, name VARCHAR(5), brand VARCHAR(5))")
    load(
        warehouse, {"sku_id": "A", "name": "五个字正好"}, {"sku_id": "B", "name": "六个字就长了"}, {"sku_id": "C" * 10}
    )
    assert mirror(warehouse, mariadb) == 2
    stored = mariadb.execute("SELECT sku_id, name, brand FROM dim.dim_sku ORDER BY sku_id")
    assert stored == [("A", "五个字正好", "甲"), ("B", "", "甲")]
    assert "列 name 装不下有的商品" in caplog.text
    assert "列 sku_id 装不下有的商品（如 CCCCCCCCCC）" in caplog.text


def test_a_server_that_is_away_or_refuses_is_named(warehouse: Warehouse, mariadb: MariaDB) -> None:
    with pytest.raises(Misconfigured, match="Access denied") as refused:
        mirror(warehouse, mariadb, password="wrong")
    assert "处理：检查连接 dim_mysql" in str(refused.value)
    assert "wrong" not in str(refused.value)
    mariadb.stop()
    try:
        with pytest.raises(Retry, match=r"MySQL（127\.0\.0\.1:.*）不可用"):
            mirror(warehouse, mariadb)
    finally:
        mariadb.start()


def test_a_certificate_that_is_refused_is_named(mariadb: MariaDB, ca: OwnCa, tmp_path: Path) -> None:
    checked = {"ssl_ca": ca.file, "ssl_verify_cert": True, "ssl_verify_identity": True}
    mariadb.execute(f"CREATE OR REPLACE USER safe@'127.0.0.1' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL")
    mariadb.execute("GRANT ALL ON dim.* TO safe@'127.0.0.1'")
    with mysql("localhost", mariadb.port, "safe", PASSWORD, "dim", checked) as session, session.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        assert cursor.fetchone()[1]
    for host, changes, said in (
        ("localhost", {"ssl_ca": OwnCa(tmp_path).file}, "的证书不是由信任的 CA 签发的"),
        ("127.0.0.1", {}, "的证书上没有这个主机名"),
    ):
        with pytest.raises(Retry) as caught, mysql(host, mariadb.port, "safe", PASSWORD, "dim", checked | changes):
            pytest.fail("it was let in")
        assert caught.value.what == f"MySQL（{host}:{mariadb.port}）{said}"
        assert PASSWORD not in str(caught.value)
