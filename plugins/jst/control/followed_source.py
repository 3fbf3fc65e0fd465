"""Whose source this control database follows, and so what lies in Kafka and ClickHouse: no other one is read."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from jst.control.database import Database
from jst.erp.connection_settings import Settings
from jst.errors import Misconfigured

log = logging.getLogger(__name__)
_SHOWN = 6
"""Last characters of an app_key that are shown, half of it at most: who owns it recognises it, others learn nothing."""
ANOTHER = (
    "另一家公司或另一种方言：换一套空的控制库、ClickHouse 与 topic（本机：make clean && make up，会删除本机全部数据）"
)


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """An identity: records of one ``app_key`` in one ``dialect`` belong together, wherever it is reached (``host``)."""

    app_key: str
    dialect: str
    host: str

    @classmethod
    def of(cls, settings: Settings) -> SourceIdentity:
        return cls(settings.app_key, settings.dialect, urlsplit(settings.base_url).netloc.lower())

    @property
    def tail(self) -> str:
        """The end of the app_key: what a person has to type to take over."""
        return self.app_key[-min(_SHOWN, max(1, len(self.app_key) // 2)) :]

    def is_same(self, other: SourceIdentity) -> bool:
        return (self.app_key, self.dialect) == (other.app_key, other.dialect)

    def __str__(self) -> str:
        return f"app_key …{self.tail}（{self.dialect}，{self.host}）"


class FollowedSource:
    """The source of one connection, compared with the one that is followed. Of one process, not for several threads."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._db, self.ours = database, SourceIdentity.of(settings)
        self._is_ours = False

    def known(self) -> SourceIdentity | None:
        """Return the source that is followed; None before one has answered."""
        rows = self._db.rows("SELECT app_key, dialect, host FROM source")
        return SourceIdentity(*rows[0]) if rows else None

    def check(self) -> None:
        """Return when this source may be read: it is the one that is followed, or none is. Raises Misconfigured when it
        is another one."""
        if self._is_ours or (known := self.known()) is None:
            return
        if not known.is_same(self.ours):
            raise self._refused(known)
        if known.host != self.ours.host:
            self._note_host(known.host)
        self._is_ours = True

    def adopt(self) -> None:
        """Follow this source, which has answered, if none is followed: a mistyped app_key is never followed. Raises
        like ``check``: another process may have been first."""
        if not self._is_ours:
            self._write("ON CONFLICT DO NOTHING")
            self.check()

    def take_over(self, typed: str) -> SourceIdentity | None:
        """Follow this source instead of another app_key's; returns that one, None when nothing changes. ``typed``: the
        end of our app_key, by which a person says which one is meant. All data stay, and reading goes on where it was.

        Raises Misconfigured for another dialect, and when ``typed`` is not ours.
        """
        known = self.known()
        if known is None or known.is_same(self.ours):
            return None
        if known.dialect != self.ours.dialect:
            raise Misconfigured(
                f"控制库 jst_ops 的数据来自 {known}，不能由 {self.ours} 接管：两种方言的游标、计划与版本互不相通",
                do=f"改回原来的方言；要换方言：{ANOTHER}",
            )
        if len(typed) < len(self.ours.tail) or not self.ours.app_key.endswith(typed):
            raise Misconfigured(
                f"参数 take_over 填的不是连接 jushuitan_default 的 app_key …{self.ours.tail}",
                do=f"填“{self.ours.tail}”，或先把连接改对；没有改动任何东西",
            )
        self._write(
            """ON CONFLICT (one) DO UPDATE SET app_key = excluded.app_key, host = excluded.host,
               since = clock_timestamp() WHERE source.dialect = excluded.dialect"""
        )
        return known

    def _write(self, otherwise: str) -> None:
        self._db.rows(
            f"""INSERT INTO source (app_key, dialect, host) VALUES (%(app_key)s, %(dialect)s, %(host)s)
                {otherwise}""",
            app_key=self.ours.app_key, dialect=self.ours.dialect, host=self.ours.host,
        )  # fmt: skip

    def _note_host(self, before: str) -> None:
        """Log another address of the same source, by the one process that writes it down."""
        noted = self._db.rows(
            "UPDATE source SET host = %(host)s WHERE host = %(before)s RETURNING 1", host=self.ours.host, before=before
        )
        if noted:
            log.warning(
                "聚水潭的地址变了：从 %s 到 %s，app_key 与方言不变，继续读取；若是测试环境，马上把连接改回来",
                before, self.ours.host,
            )  # fmt: skip

    def _refused(self, known: SourceIdentity) -> Misconfigured:
        company = (
            f"同一家公司换了 app_key：手动运行 jst_schema，参数“接管来源 take_over”填“{self.ours.tail}”"
            "（现有数据全部保留，从原处继续读）；"
            if known.dialect == self.ours.dialect
            else ""
        )
        return Misconfigured(
            f"连接 jushuitan_default 换成了别的来源：控制库 jst_ops 的数据来自 {known}，连接却是 {self.ours}；"
            "没有读取，两者不会混在一起",
            do=f"连接填错了：改回来；{company}{ANOTHER}",
        )
