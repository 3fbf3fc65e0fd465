"""Two ClickHouse nodes as one: every write goes to each, reads to the one that serves, and a dead one is left behind.

For nodes that do not replicate among themselves. Servers of one shared storage are one node to us: they have the same
rows by themselves.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar, cast

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as ClickHouseError
from clickhouse_driver.errors import NetworkError, SocketTimeoutError

from jst.control.nodes import Nodes
from jst.errors import Retry
from jst.warehouse.hosts import Hosts, refused_handshake

log = logging.getLogger(__name__)
T = TypeVar("T")
HUNG = (SocketTimeoutError, TimeoutError)
LOST = (*HUNG, NetworkError, EOFError, ConnectionError)
# A server sends its progress ten times a second while a statement runs; one that is silent for so long is gone. A
# frozen one costs a ping, a greeting and the look whether the other is there: together below ten seconds.
IMPATIENT = {"connect_timeout": 2, "send_receive_timeout": 5, "sync_request_timeout": 1}
# One that stands alone is waited for longer, as no other could do it; but not for the driver's 300 s, during which
# on-call would see no cause.
ALONE = {"send_receive_timeout": 30, "sync_request_timeout": 5}
_READS = re.compile(r"(?:\s|--[^\n]*\n)*(?:SELECT|WITH|EXISTS|SHOW|DESCRIBE|EXPLAIN)\b", re.IGNORECASE)
_ALIVE = "SELECT count() FROM ops.migration"
Connect = Callable[[str], Client]


class Away(Retry):
    """ClickHouse did not answer."""


class Untrusted(Away):
    """It is there, and its certificate or ours is refused."""


@contextmanager
def errors_of_ours() -> Iterator[None]:
    """Raise Away where a connection broke or a server stayed silent, Untrusted where TLS is the reason."""
    try:
        yield
    except LOST as failure:
        if refusal := refused_handshake(str(failure)):
            raise Untrusted(refusal[0], do=refusal[1], server="ClickHouse", after=5.0) from failure
        said = "没有答复" if isinstance(failure, HUNG) else "连不上"
        raise Away(
            f"ClickHouse {said}（{type(failure).__name__}）",
            do="检查 ClickHouse 是否在运行；恢复后自动再试，或清除（Clear）这个任务",
            server="ClickHouse",
            after=2.0,
        ) from failure


class CheckedNode(Client):  # type: ignore[misc]
    """A clickhouse_driver.Client that is looked at before its first statement: ``check`` raises where nothing may be
    asked of it."""

    check: Callable[[Client], None] | None = None

    def execute(self, *sql: Any, **options: Any) -> Any:
        if check := self.check:
            self.check = None  # what it asks comes here, too
            try:
                check(self)
            except BaseException:
                self.check = check
                raise
        return super().execute(*sql, **options)


class SingleNode(CheckedNode):
    """One node, or servers of one shared storage, which is the same to us: a client with errors of ours."""

    def execute(self, *sql: Any, **options: Any) -> Any:
        with errors_of_ours():
            return super().execute(*sql, **options)


class Cluster:
    """Used like a clickhouse_driver.Client. ``connect`` makes the client of one node (host:port)."""

    def __init__(self, connect: Connect, nodes: Nodes) -> None:
        self._connect, self._nodes = connect, nodes
        self._clients: dict[str, Client] = {}
        self._members: list[str] | None = None
        self.last_query: Any = None

    def execute(self, sql: str, params: Any = None, **options: Any) -> Any:
        """Execute as the driver does: a read is answered by the serving node, a write by all that get writes. Raises
        Away when none of them answers."""
        if _READS.match(sql):
            with errors_of_ours():
                return self._read(lambda client: client.execute(sql, params, **options))
        return self.on_each_node(lambda client: client.execute(sql, params, **options))[0]

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Let no node join within it: several statements reach every node completely, or none counts."""
        if self._members is not None:
            yield
            return
        with self._nodes.shared():
            self._members = self._nodes.joined()
            try:
                yield
            finally:
                self._members = None

    def on_each_node(self, work: Callable[[Client], T]) -> list[T]:
        """Do it on every node that gets writes, side by side; returns the answers, the serving node's first.

        A node that fails while another does it has to leave. Raises what the first one raised when all fail, or when
        the one that did it lacks data: Away when it did not answer.
        """
        with errors_of_ours(), self.steady():
            assert self._members is not None
            names = list(self._members)
            with ThreadPoolExecutor(len(names)) as threads:
                tried = list(threads.map(lambda name: self._try(name, work), names))
            answers = [cast(T, answer) for answer, failure in tried if failure is None]
            for name, (_, failure) in zip(names, tried, strict=True):
                if failure is None:
                    continue
                if not answers or not self._nodes.leave(name, _why(failure)):
                    raise failure
                log.warning("ClickHouse 节点 %s 失败，已移出：%s", name, _why(failure))
                self._members.remove(name)
            first = next(name for name, (_, failure) in zip(names, tried, strict=True) if failure is None)
            self.last_query = self._client(first).last_query
            return answers

    def _read(self, work: Callable[[Client], T]) -> T:
        while True:
            name = self._nodes.serving()
            answer, failure = self._try(name, work)
            if failure is None:
                self.last_query = self._client(name).last_query
                return cast(T, answer)
            if not isinstance(failure, LOST) or not self._may_be_left(name, _why(failure)):
                raise failure
            log.warning("ClickHouse 节点 %s 没有回答，由另一个接替：%s", name, _why(failure))

    def _try(self, name: str, work: Callable[[Client], T]) -> tuple[T | None, Exception | None]:
        """Try once more where the connection broke: a server that was restarted answers again. One that hung is not
        asked twice."""
        for again in (True, False):
            try:
                return work(self._client(name)), None
            except HUNG as failure:
                return None, failure
            except LOST as failure:
                if not again:
                    return None, failure
            except ClickHouseError as failure:
                return None, failure
        raise AssertionError("unreachable")

    def _may_be_left(self, name: str, why: str) -> bool:
        """Say whether the node may be left: only when another one answers that has not lost its disk, so that a worker
        without network cannot drive out one node after the other. Another process may have noticed it first."""
        others = self._nodes.successors()
        there = [other for other in others if self._try(other, lambda node: node.execute(_ALIVE))[1] is None]
        return (bool(there) and self._nodes.leave(name, why)) or self._nodes.serving() != name

    def _client(self, name: str) -> Client:
        if name not in self._clients:
            self._clients[name] = self._connect(name)
        return self._clients[name]

    def disconnect(self) -> None:
        """Disconnect from every node."""
        for client in self._clients.values():
            client.disconnect()


Warehouse = Any
"""SingleNode, or a Cluster; any clickhouse_driver.Client (which has no types) will do."""


def open_warehouse(
    hosts: Hosts, nodes: Callable[[], Nodes], check: Callable[[Client, Hosts], None] | None = None
) -> SingleNode | Cluster:
    """Build what reads and writes ``hosts``; it connects with its first statement. ``nodes``: where it is kept what
    each of several is; ``check`` looks at each node first."""

    def client(name: str, patience: Mapping[str, int], kind: type[CheckedNode]) -> CheckedNode:
        made: CheckedNode = hosts.client(name, patience, kind)
        made.check = (lambda node: check(node, hosts)) if check else None
        return made

    if hosts.alone:
        alone = client(hosts.names[0], {**ALONE, **hosts.options}, SingleNode)
        assert isinstance(alone, SingleNode)
        return alone
    nodes().register(hosts.names)
    return Cluster(lambda name: client(name, IMPATIENT, CheckedNode), nodes())


def steady(warehouse: Warehouse) -> AbstractContextManager[None]:
    """Keep the nodes that get every write the same within it; they may become fewer."""
    if isinstance(warehouse, Cluster):
        return warehouse.steady()
    return nullcontext()


def on_each_node(warehouse: Warehouse, work: Callable[[Client], T]) -> list[T]:
    """Do it on every node that gets writes; returns their answers."""
    if isinstance(warehouse, Cluster):
        return warehouse.on_each_node(work)
    return [work(warehouse)]


@contextmanager
def translate_errors(doing: str, *, away: str, refused: str) -> Iterator[None]:
    """Raise ClickHouse's errors as Retry. ``doing``: what it was asked for; what to do when it is ``away``, and when it
    has ``refused``."""
    try:
        with errors_of_ours():
            yield
    except Away as failure:
        if not isinstance(failure, Untrusted):
            failure.do = f"检查 ClickHouse；{away}"
        raise
    except ClickHouseError as failure:
        text = str(failure).split("Stack trace")[0].strip()
        what = f"ClickHouse 不接受{doing}：{text[:800]}"
        raise Retry(what, do=refused, server="ClickHouse", after=5.0) from failure


def _why(failure: Exception) -> str:
    return f"{type(failure).__name__}：{' '.join(str(failure).split('Stack trace')[0].split())[:300]}"
