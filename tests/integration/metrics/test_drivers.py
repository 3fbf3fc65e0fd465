"""The drivers BI tools bring, as lingyang_bi: what is there, a preview of all of it, and the figures of every data set.

One old, one middle and one new JDBC driver; all of them with ``--long``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import clickhouse_connect
import pytest
import sqlalchemy
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_driver import Client

from jst.warehouse.bi_views import bi_views
from local.instance import Instance
from tests.support.bi_world import TODAY, Logins, in_columns, reader_of
from tests.support.jdbc_drivers import DRIVERS, MIDDLE, NEW, OLD, JdbcDriver
from tests.support.search_depth import DEPTH

pytestmark = [pytest.mark.clickhouse, pytest.mark.search]
BI = "lingyang_bi"
VIEWS = [view for view in bi_views() if reader_of(view) == BI]
TABLES = ["dws_sale_out", "dws_after_sale", "dws_shop_hour", "dws_shop_style_day", "dws_shop_style_week"]
FIGURES = {
    f"figures of {view.name}": "SELECT "
    + ", ".join(in_columns(each) for each in (*(f"SUM([{name}])" for name in view.measures), *view.computed.values()))
    + f" FROM bi.{view.name}"
    for view in VIEWS
    if view.measures
}
PREVIEWS = {f"preview of {view.name}": f"SELECT * FROM bi.{view.name} LIMIT 3" for view in VIEWS}
PREVIEWS |= {f"preview of {table}": f"SELECT * FROM dws.{table} LIMIT 3" for table in TABLES}
KNOWN = {
    ("0.8.6", "ten rows at most"): 1000,  # it does not pass the limit on
    ("0.3.2", "tables"): [[view.name, "None"] for view in VIEWS],  # it never asks for comments of tables
}
"""What a version cannot, whatever the server does."""


def as_numbers(row: list[Any]) -> list[Decimal | None]:
    return [None if value is None else round(Decimal(str(value)), 6) for value in row]


@pytest.mark.parametrize("driver", DRIVERS if DEPTH.of(0, 1) else [OLD, MIDDLE, NEW], ids=lambda driver: driver.version)
def test_a_jdbc_driver_sees_what_a_tool_needs(stack: Instance, bi_logins: Logins, driver: JdbcDriver) -> None:
    address, password = stack.clickhouse(), stack.layout.secrets.clickhouse(BI)
    url = f"jdbc:clickhouse://{address['host']}:{address['http_port']}/bi"
    said = driver.run(url, BI, password, PREVIEWS | FIGURES)
    sale_out = next(view for view in VIEWS if view.name == "sale_out")
    ((lines, amount),) = bi_logins[BI].execute("SELECT count(), sum(`出库金额`) FROM bi.sale_out")
    expected = {
        "valid": True,
        "tables": [[view.name, view.title] for view in VIEWS],
        "columns": [[name, sale_out.note(name)] for name in sale_out.columns],
        "information_schema": [[view.name] for view in VIEWS],
        "time-out of a minute": [[str(lines)]],
        "ten rows at most": 10,
        "day": TODAY.isoformat(),
        "write": "refused",
        "prepared": [amount],
        **dict.fromkeys(PREVIEWS, "shown"),
        **{name: as_numbers(bi_logins[BI].execute(sql)[0]) for name, sql in FIGURES.items()},
    } | {step: value for (version, step), value in KNOWN.items() if version == driver.version}
    found = {step: _told(step, said[step]) for step in expected}
    assert {step: value for step, value in found.items() if value != expected[step]} == {}
    assert {"access", "bi", "dim", "dws"} <= set(said["databases"])
    assert not {"ods", "dwd", "ops"} & set(said["databases"])
    assert bi_logins[BI].execute("SELECT count() FROM dws.dws_sale_out WHERE io_id = 'x'") == [(0,)]


def _told(step: str, said: Any) -> Any:
    """What came of a step, in the form it is compared in."""
    if isinstance(said, str) and said.startswith("error"):
        return "refused" if step == "write" else said
    if step in PREVIEWS:
        return "shown"
    if step == "tables":  # 0.7.2 lists all databases, whatever it is asked for
        return [row for row in said if row[0] in {view.name for view in VIEWS}]
    return as_numbers(said[0]) if step in FIGURES or step == "prepared" else said


def test_clickhouse_connect_and_sqlalchemy(stack: Instance, bi_logins: Logins) -> None:
    address, password = stack.clickhouse(), stack.layout.secrets.clickhouse(BI)
    host, port = str(address["host"]), int(address["http_port"])
    # what pandas users state without thinking of it
    settings = {"max_execution_time": 60, "max_block_size": 8192, "session_timezone": "Asia/Shanghai"}
    with clickhouse_connect.get_client(host=host, port=port, username=BI, password=password, settings=settings) as bi:
        for sql in PREVIEWS.values():
            bi.query_df(sql)
        for sql in FIGURES.values():
            assert as_numbers(list(bi.query(sql).first_row or ())) == as_numbers(bi_logins[BI].execute(sql)[0])
        with pytest.raises(DatabaseError, match=r"READONLY|ACCESS_DENIED"):
            bi.command("INSERT INTO dws.dws_sale_out (io_id) VALUES ('x')")
    engine = sqlalchemy.create_engine(f"clickhousedb://{BI}:{password}@{host}:{port}/bi")
    looked = sqlalchemy.inspect(engine)
    assert set(looked.get_view_names("bi")) == {view.name for view in VIEWS}
    for view in VIEWS:
        assert [column["name"] for column in looked.get_columns(view.name, "bi")] == list(view.columns)
    found = sqlalchemy.Table("sale_out", sqlalchemy.MetaData(), autoload_with=engine, schema="bi")
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(found)).scalar()
    engine.dispose()


def test_clickhouse_driver_with_settings_of_its_own(stack: Instance, bi_logins: Logins) -> None:
    address, password = stack.clickhouse(), stack.layout.secrets.clickhouse(BI)
    settings = {"max_execution_time": 60, "max_block_size": 8192, "extremes": 1}
    with Client(address["host"], address["port"], user=BI, password=password, settings=settings) as bi:
        for sql in PREVIEWS.values():
            bi.execute(sql)
