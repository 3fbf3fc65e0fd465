"""Mirror the SKU dimension to MySQL: table ``dim_sku``, as companies with a dimension there expect it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from jst.errors import Misconfigured, Retry
from jst.model.tls_refusal import tls_refusal
from jst.warehouse.cluster import Warehouse
from jst.warehouse.sql import statement

log = logging.getLogger(__name__)
KEY = "sku_id"
_PASSING = {1040, 1203, 1205, 1213, 2002, 2003, 2006, 2013, 2055}
"""MySQL's error numbers for too many connections, lock waits, a server that is away."""
_CONN = "检查连接 dim_mysql 与表 dim_sku；ClickHouse 里的商品维表不受影响"


@contextmanager
def mysql(host: str, port: int, user: str, password: str, database: str, extra: Mapping[str, Any]) -> Iterator[Any]:
    """Open a session, committed at the end. ``extra``: more arguments of pymysql.connect, such as ssl.

    Raises Retry when the server is away, Misconfigured when it refuses.
    """
    import pymysql  # not above: only where there is such a connection is it needed

    try:
        session = pymysql.connect(
            **{"connect_timeout": 5, "read_timeout": 60, "write_timeout": 60, **extra},
            host=host, port=port, user=user, password=password, database=database, charset="utf8mb4",
            # else a text that is too long is cut without an error
            init_command="SET SESSION sql_mode = 'STRICT_ALL_TABLES', time_zone = '+08:00'",
        )  # fmt: skip
        with session:
            yield session
            session.commit()
    except pymysql.MySQLError as error:
        number, said = (*error.args, "", "")[:2]
        if refusal := tls_refusal(str(said), "连接 dim_mysql 的 extra.ssl_ca"):
            what, do = refusal
            raise Retry(f"MySQL（{host}:{port}）{what}", do=do, server="MySQL", after=5.0) from error
        if number in _PASSING:
            raise Retry(f"MySQL（{host}:{port}）不可用：{said}", do=_CONN, server="MySQL", after=5.0) from error
        raise Misconfigured(f"MySQL（{host}:{port}）不接受商品维表：{said}", do=_CONN) from error


def mirror_skus(warehouse: Warehouse, session: Any) -> int:
    """Write the SKUs that differ; returns how many. A table that was there keeps its shape: only columns of our names
    are written, and a text too long for its column is left empty. No SKU is deleted: the source deletes none."""
    with session.cursor() as cursor:
        cursor.execute(statement("mysql_mirror/create_dim_sku"))
        cursor.execute(statement("mysql_mirror/columns"))
        theirs = {name: (is_key, longest) for name, is_key, longest in cursor.fetchall()}
        if not theirs.get(KEY, (0,))[0]:
            raise Misconfigured(
                f"MySQL 的表 dim_sku 没有只在 {KEY} 上的主键或唯一键", do=f"给 {KEY} 加上唯一键，或改名后由系统新建"
            )
        rows, described = warehouse.execute(statement("mysql_mirror/sku"), with_column_types=True)
        ours = [name for name, _ in described]
        columns = [name for name in ours if name in theirs]
        places = [(name, ours.index(name), theirs[name][1]) for name in columns]
        wanted = list(_fitting(rows, places, ours.index(KEY)))
        cursor.execute(f"SELECT {', '.join(columns)} FROM dim_sku")
        stored = {row[columns.index(KEY)]: tuple(map(_as_ours, row)) for row in cursor.fetchall()}
        changed = [row for row in wanted if stored.get(row[columns.index(KEY)]) != row]
        cursor.executemany(
            f"INSERT INTO dim_sku ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
            f" ON DUPLICATE KEY UPDATE {', '.join(f'{name} = VALUES({name})' for name in columns)}",
            changed,
        )
    return len(changed)


def _fitting(
    rows: Sequence[Sequence[Any]], places: Sequence[tuple[str, int, int | None]], key: int
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows' values at ``places`` (column, place, most characters) without the texts that MySQL would refuse,
    and with them all other SKUs; a SKU whose code is one of these is left out."""
    lost: dict[str, str] = {}
    for row in rows:
        too_long = {
            name for name, place, most in places if most and isinstance(row[place], str) and len(row[place]) > most
        }
        lost |= dict.fromkeys(too_long, row[key])
        if KEY not in too_long:
            yield tuple("" if name in too_long else row[place] for name, place, _ in places)
    for name, sku_id in lost.items():
        log.warning("MySQL 的表 dim_sku 的列 %s 装不下有的商品（如 %s），没有写入；加长这一列后自动补上", name, sku_id)


def _as_ours(value: Any) -> Any:
    return f"{value:%F %T}" if isinstance(value, datetime) else value
