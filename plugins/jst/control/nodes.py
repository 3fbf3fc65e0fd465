"""Keep which ClickHouse nodes have every acknowledged row, which one answers, and the locks that keep that true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI, Clock
from jst.control.database import Cursor, Database, one
from jst.control.incidents import Incidents
from jst.control.lock_numbers import NODES, NODES_REGISTER, NODES_WRITE
from jst.errors import Misconfigured, Retry
from jst.model.words import NodeState

PATIENCE_SECONDS = 60.0
# What lies in Kafka and is not loaded yet, or is being put there, will be loaded after the node has left.
_PULLED = """
    SELECT min(coalesce(receipt.started_at, plan.begun_at)) FROM plan LEFT JOIN receipt USING (plan_id, attempt)
    WHERE plan.state = 'pulled' OR (plan.state = 'planned' AND plan.begun_at > clock_timestamp() - interval '1 hour')"""


@dataclass(frozen=True, slots=True)
class Node:
    """A node; ``name`` is host:port. ``joined``: every write goes to it. ``left_at``: what was written since may be
    missing."""

    name: str
    state: NodeState
    joined: bool
    reason: str
    left_at: datetime | None
    proof: str
    changed_at: datetime


class Nodes:
    """All state changes of nodes; each is one transaction and may be repeated."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    def register(self, names: Sequence[str]) -> None:
        """Make exactly these nodes known. The first one serves if none ever did; a new one is away until it is filled,
        also one that was taken out of the connection and comes back.

        Raises Misconfigured when the serving node is not among them.
        """

        def work(cur: Cursor) -> None:
            cur.execute("SELECT pg_advisory_xact_lock(%s, %s)", (NODES, NODES_REGISTER))
            cur.execute("SELECT node FROM node WHERE state = 'serving' AND NOT node = ANY(%s)", (list(names),))
            if stranger := cur.fetchone():
                raise Misconfigured(
                    f"正在服务的 ClickHouse 节点 {stranger[0]} 不在连接 clickhouse_default 里",
                    do="把它写回 host 或 extra.standby；要换掉它，先让另一个节点接替"
                    "（见 docs/zh/two-clickhouse-nodes.md）",
                )
            cur.execute("DELETE FROM node WHERE NOT node = ANY(%s)", (list(names),))
            for name in names:
                cur.execute(
                    """INSERT INTO node (node, state, joined, reason)
                       SELECT %(name)s, CASE WHEN fresh THEN 'serving' ELSE 'away' END, fresh,
                              CASE WHEN fresh THEN '' ELSE '新节点，尚未补齐' END
                       FROM (SELECT NOT EXISTS (SELECT FROM node WHERE state = 'serving') AS fresh) AS first
                       ON CONFLICT DO NOTHING""",
                    {"name": name},
                )

        self._db.transaction(work)

    def known(self) -> list[Node]:
        """Return all nodes, the serving one first."""
        rows = self._db.rows(
            """SELECT node, state, joined, reason, left_at, proof, changed_at FROM node
               ORDER BY state <> 'serving', NOT joined, node"""
        )
        return [_node(*row) for row in rows]

    def serving(self) -> str:
        """Return the name of the node that answers. Raises Misconfigured when there is none."""
        rows = self._db.rows("SELECT node FROM node WHERE state = 'serving'")
        if not rows:
            raise Misconfigured("没有正在服务的 ClickHouse 节点", do="见 docs/zh/two-clickhouse-nodes.md")
        return str(rows[0][0])

    def successors(self) -> list[str]:
        """Return nodes that may serve at once, the one that has been proven longest first."""
        return [name for (name,) in self._db.rows("SELECT node FROM node WHERE state = 'proven' ORDER BY changed_at")]

    def joined(self) -> list[str]:
        """Return nodes every write goes to, the serving one first."""
        return [
            name for (name,) in self._db.rows("SELECT node FROM node WHERE joined ORDER BY state <> 'serving', node")
        ]

    def leave(self, name: str, reason: str) -> bool:
        """Let the node no longer get writes, nor answer; a proven one takes the place of a serving one.

        Returns False, and nothing changes, when no other node has everything: then this one must be waited for.
        """

        def work(cur: Cursor) -> bool:
            cur.execute("SELECT node, state FROM node ORDER BY node FOR UPDATE")
            states: dict[str, str] = dict(cur.fetchall())
            others = [other for other, state in states.items() if other != name and state in ("serving", "proven")]
            if not others:
                return False
            if states[name] != "away":
                cur.execute(
                    f"""UPDATE node SET state = 'away', joined = false, reason = %s, changed_at = clock_timestamp(),
                              left_at = CASE WHEN state = 'filling' THEN left_at
                                             ELSE least(clock_timestamp(), ({_PULLED})) END
                       WHERE node = %s""",
                    (reason[:500], name),
                )
            if "serving" not in (states[other] for other in others):
                cur.execute(
                    "UPDATE node SET state = 'serving', changed_at = clock_timestamp() WHERE node = %s", (others[0],)
                )
            return True

        left = self._db.transaction(work)
        if left:
            Incidents(self._db).open(
                "node_away",
                "warehouse",
                name,
                f"ClickHouse 节点 {name} 离开：{reason[:300]}",
                "恢复该节点；jst_standby 会自动补齐、比对，然后重新接入。在此之前只有一份数据在服务",
            )
        return left

    def all_before(self) -> datetime:
        """Return the moment before which everything read from the source is loaded; what was read later may not be
        yet."""
        moment: datetime = self._db.rows(f"SELECT least(clock_timestamp(), ({_PULLED}))")[0][0]
        return moment.astimezone(SHANGHAI)

    def fill(self, name: str, left_at: datetime | None) -> None:
        """Note that the node is being filled with what was written since ``left_at`` (None: with everything)."""
        self._set(name, "filling", joined=False, left_at=left_at)

    def join(self, name: str) -> None:
        """Send every write to the node from now on; only under ``exclusive``."""
        self._set(name, "filling", joined=True, left_at=self.get(name).left_at)

    def prove(self, name: str, proof: str) -> None:
        """Note that the node is equal to the serving one; from now on it may take its place. Raises Retry when it left
        meanwhile."""

        def work(cur: Cursor) -> bool:
            cur.execute(
                """UPDATE node SET state = 'proven', left_at = NULL, reason = '', proof = %s,
                          proven_at = clock_timestamp(), changed_at = clock_timestamp()
                   WHERE node = %s AND state IN ('filling', 'proven') AND joined RETURNING node""",
                (proof, name),
            )
            return cur.fetchone() is not None

        if not self._db.transaction(work):
            raise Retry(f"ClickHouse 节点 {name} 在比对期间又离开了", do="恢复该节点；下一次运行会重新补齐")
        Incidents(self._db).close("node_away", "warehouse", name)

    def get(self, name: str) -> Node:
        """Return one node by its name."""
        return next(node for node in self.known() if node.name == name)

    def _set(self, name: str, state: NodeState, *, joined: bool, left_at: datetime | None) -> None:
        self._db.rows(
            """UPDATE node SET state = %(state)s, joined = %(joined)s, left_at = %(left_at)s,
                      changed_at = CASE WHEN state = %(state)s THEN changed_at ELSE clock_timestamp() END
               WHERE node = %(name)s""",
            name=name, state=state, joined=joined, left_at=left_at,
        )  # fmt: skip

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Let no node join within it, so that a node that gets every write gets all of this one."""
        with self._locked("pg_try_advisory_lock_shared", "pg_advisory_unlock_shared"):
            yield

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let no process write within it."""
        with self._locked("pg_try_advisory_lock", "pg_advisory_unlock"):
            yield

    @contextmanager
    def _locked(self, take: str, release: str) -> Iterator[None]:
        """Hold the lock. Raises Retry when it cannot be had for a minute, or was lost with its session."""
        give_up = self._clock.monotonic() + PATIENCE_SECONDS
        while (session := self._db.transaction(_taking(take))) is None:
            if self._clock.monotonic() > give_up:
                raise Retry(
                    f"等了 {PATIENCE_SECONDS:.0f} 秒，ClickHouse 的写锁仍被占着",
                    do="稍后会自动重试；若反复出现，查看是否有卡住的 load 或 jst_standby 任务",
                )
            self._clock.sleep(0.02)
        try:
            yield
            if self._db.connected() is not session:
                raise Retry("ClickHouse 的写锁随控制库的连接中断而失去", do="会自动重试，无需处理")
        finally:
            try:
                self._db.rows(f"SELECT {release}(%(space)s, %(write)s)", space=NODES, write=NODES_WRITE)
            except Retry:
                self._db.close()  # the session, and the lock with it, is gone anyway


def _taking(take: str) -> Callable[[Cursor], Any]:
    def work(cur: Cursor) -> Any:
        cur.execute(f"SELECT {take}(%s, %s)", (NODES, NODES_WRITE))
        return cur.connection if one(cur)[0] else None

    return work


def _node(
    name: str, state: NodeState, joined: bool, reason: str, left_at: datetime | None, proof: str, changed_at: datetime
) -> Node:
    left = left_at.astimezone(SHANGHAI) if left_at else None
    return Node(name, state, joined, reason, left, proof, changed_at.astimezone(SHANGHAI))
