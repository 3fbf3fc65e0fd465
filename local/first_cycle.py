"""What has reached the wide table so far, asked of the databases themselves."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import psycopg2

from local import clickhouse, postgres
from local.layout import Layout

MODULE, TABLE = "sale_out", "dws.dws_sale_out"


@dataclass(frozen=True)
class Progress:
    """``watermarks``: module and kind → where it stands; ``rows`` and ``proven`` are None while nobody can say;
    ``trouble``: module → why its feed holds back right now."""

    rows: int | None = None
    proven: int | None = None
    watermarks: dict[tuple[str, str], datetime] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)

    def done(self, since: float) -> bool:
        """A plan of the live module went all the way, its rows can be seen, and reading got past ``since`` (Unix s)."""
        mark = self.watermarks.get((MODULE, "read"))
        return bool(self.rows) and bool(self.proven) and mark is not None and mark.timestamp() >= since

    def age(self, module: str, kind: str = "read") -> float | None:
        """Seconds between now and a watermark."""
        mark = self.watermarks.get((module, kind))
        return None if mark is None else (datetime.now(UTC) - mark).total_seconds()


def look(layout: Layout) -> Progress:
    """Never raises: what cannot be asked stays unknown."""
    return _control(layout, Progress(_rows(layout)))


def _rows(layout: Layout) -> int | None:
    query = urllib.parse.urlencode({"query": f"SELECT count() FROM {TABLE} FINAL"})
    request = urllib.request.Request(
        f"{clickhouse.http_url(layout)}/?{query}",
        headers={"X-ClickHouse-User": "etl", "X-ClickHouse-Key": layout.secrets.clickhouse_etl},
    )
    try:
        with urllib.request.urlopen(request, timeout=5.0) as answer:
            return int(answer.read())
    except (OSError, ValueError):
        return None


def _control(layout: Layout, progress: Progress) -> Progress:
    try:
        connection = psycopg2.connect(postgres.control_dsn(layout), connect_timeout=3)
    except psycopg2.OperationalError:
        return progress
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM plan WHERE module = %s AND state = 'proven'", (MODULE,))
            proven: int = cursor.fetchall()[0][0]
            cursor.execute("SELECT module, kind, value FROM watermark ORDER BY module, kind DESC")
            watermarks = {(module, kind): value for module, kind, value in cursor.fetchall()}
            cursor.execute("SELECT module, reason FROM feed WHERE hold_until > clock_timestamp()")
            return replace(progress, proven=proven, watermarks=watermarks, trouble=dict(cursor.fetchall()))
    except psycopg2.Error:
        return progress
    finally:
        connection.close()
