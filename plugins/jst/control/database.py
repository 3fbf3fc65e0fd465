"""One connection to the control database that survives the server's restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import psycopg2
from psycopg2.extensions import connection, cursor, parse_dsn
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from jst.errors import Misconfigured, Retry
from jst.model.tls_refusal import tls_refusal

T = TypeVar("T")
Cursor = cursor
Row = dict[str, Any]
"""A row by the names of its columns."""
log = logging.getLogger(__name__)

LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.errors.IdleInTransactionSessionTimeout)
PATIENCE_SECONDS = 45.0
IDLE_SECONDS = 10.0
"""A frozen process must not keep its locks longer: every other process would wait for it."""
GONE_MS = 25_000
# Without keepalives a server that vanished from the network would be waited for until the kernel gives up: hours.
_CONNECTING: dict[str, Any] = {
    "application_name": "jst",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": GONE_MS,
}
# Its half of the same: a client cut off by the network keeps its locks until the server gives it up, by default hours.
_SESSION = (
    f"SET idle_in_transaction_session_timeout = {IDLE_SECONDS * 1000:.0f};"
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    f"SET tcp_user_timeout = {GONE_MS}"
)


def _out_of_patience(state: RetryCallState) -> None:
    cause = state.outcome.exception() if state.outcome else None
    tried = f"连续 {state.seconds_since_start:.0f} 秒" if state.attempt_number > 1 else "现在"
    raise Retry(
        f"控制库 jst_ops {tried}不可用：{' '.join(str(cause).split())[:300]}",
        do="检查 PostgreSQL 是否在运行、连接 jst_ops 是否正确；恢复后清除本任务即可，不会丢数据",
        server="PostgreSQL",
        after=5.0,
    ) from cause


def _warn(state: RetryCallState) -> None:
    if state.attempt_number == 1:
        log.warning("控制库 jst_ops 连接中断，重连后继续")


def _address(dsn: str) -> str:
    """Return host:port. Raises Misconfigured, without a word of it, for what is no connection string of libpq: the
    driver would quote it, password and all."""
    try:
        place = parse_dsn(dsn)
    except psycopg2.ProgrammingError:
        place = {"port": dsn}
    host, port = place.get("host", ""), place.get("port", "5432")
    if not all(each.isdecimal() for each in port.split(",")):
        raise Misconfigured(
            "控制库的连接串不是 libpq 的格式",
            do="写成 postgresql://用户:密码@主机:5432/jst_ops；密码里的 @、/ 写成 %40、%2F",
        ) from None
    return f"{host}:{port}"


class Database:
    """Runs one transaction at a time. A lost answer is repeated, so each must be repeatable. Raises Misconfigured when
    ``dsn`` is no connection string."""

    def __init__(self, dsn: str, *, patience: float = PATIENCE_SECONDS) -> None:
        self._dsn, self._address, self._patience = dsn, _address(dsn), patience
        self._connection: connection | None = None

    def transaction(self, work: Callable[[Cursor], T]) -> T:
        """Run ``work`` and commit. A lost connection is opened again and the work repeated for ``patience``
        seconds, then Retry."""
        patiently = Retrying(
            retry=retry_if_exception_type(LOST),
            wait=wait_exponential(multiplier=0.1, max=3),
            stop=stop_after_delay(self._patience),
            before_sleep=_warn,
            retry_error_callback=_out_of_patience,
        )
        answer: T = patiently(self._once, work)
        return answer

    def _once(self, work: Callable[[Cursor], T]) -> T:
        try:
            with self.connected() as session, session.cursor() as cur:
                return work(cur)
        except LOST:
            self.close()
            raise

    def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Return all rows of one statement (also INSERT … RETURNING)."""

        def work(cur: Cursor) -> list[tuple[Any, ...]]:
            cur.execute(sql, params)
            return cur.fetchall() if cur.description else []

        return self.transaction(work)

    def named_rows(self, sql: str, **params: Any) -> list[Row]:
        """Return all rows of one statement by the names of its columns: where there are too many to go by position."""

        def work(cur: Cursor) -> list[Row]:
            cur.execute(sql, params)
            return named(cur)

        return self.transaction(work)

    def connected(self) -> connection:
        """Return the session; another one than before when that was lost, and everything the lost one held went with
        it."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            with self._connection as session, session.cursor() as cur:
                cur.execute(_SESSION)
        return self._connection

    def _connect(self) -> connection:
        try:
            session: connection = psycopg2.connect(self._dsn, **_CONNECTING)
        except psycopg2.OperationalError as error:
            refusal = tls_refusal(str(error), "连接 jst_ops 的 extra.sslrootcert")
            if refusal is None:
                raise
            what, do = refusal
            # at once: waiting mends no certificate, and a person who waits should read why
            raise Retry(f"PostgreSQL（{self._address}）{what}", do=do, server="PostgreSQL", after=5.0) from error
        return session

    def close(self) -> None:
        """Close the session; the next statement opens another."""
        if self._connection is not None:
            try:
                self._connection.close()
            except psycopg2.Error:
                log.debug("closing a broken connection")
            self._connection = None

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SharedDatabase:
    """One connection for the threads of a web server, before whose pages people wait. ``dsn``: asked for when a
    connection is opened."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn, self._lock = dsn, Lock()
        self._database: Database | None = None

    def __call__(self, work: Callable[[Database], T]) -> T:
        """Do something with the database. Raises Retry at once when it is away."""
        with self._lock:
            try:
                self._database = self._database or Database(self._dsn(), patience=0.0)
                return work(self._database)
            except Retry:
                self._database = None
                raise


def one(cur: Cursor) -> tuple[Any, ...]:
    """Return the row of a statement that always has one. Raises LookupError when it has none."""
    row = cur.fetchone()
    if row is None:
        raise LookupError("the statement returned no row")
    return row


def named(cur: Cursor) -> list[Row]:
    """Return the rows of the statement just executed by the names of its columns, of which no two may be equal."""
    names = [column.name for column in cur.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cur.fetchall()]


def storable(text: str) -> str:
    """Make a text PostgreSQL can store: it accepts neither NUL nor half a surrogate pair, and an error may quote
    either."""
    return text[:2000].encode(errors="replace").decode().replace("\x00", "?")
