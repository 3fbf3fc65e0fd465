"""Let haproxy send BI to the ClickHouse node that serves: ``python -m jst.control.node_follower SOCKET``.

SOCKET is haproxy's ``stats socket`` of level admin; its backend ``clickhouse`` has a server named as each node's host,
``disabled`` at first; JST_CONTROL_DSN: the control database. What table ``node`` says goes to haproxy every second, so
that one that was restarted knows it again. While either is away the last word stands.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from jst.clock import Clock, SystemClock
from jst.control.database import Database
from jst.control.nodes import Node, Nodes
from jst.errors import JstError

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
ANSWER_SECONDS = 3.0
FOLLOWED = Path("/tmp/followed")
"""Touched after each round that reached haproxy with what the control database says now: a health check looks at it."""


def orders(nodes: Sequence[Node]) -> str:
    """Return haproxy's commands: the serving node gets requests, every other known one none. Closed before opened."""
    closed = [node for node in nodes if node.state != "serving"]
    opened = [node for node in nodes if node.state == "serving"]
    states = [(node, "maint") for node in closed] + [(node, "ready") for node in opened]
    return "; ".join(f"set server clickhouse/{node.name.rpartition(':')[0]} state {state}" for node, state in states)


def send(path: str, commands: str) -> str:
    """Send commands; returns haproxy's objections, '' when it has done them. Raises OSError when it is away."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_SECONDS)
        line.connect(path)
        line.sendall(f"{commands}\n".encode())
        line.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: line.recv(4096), b""))
    return " ".join(said.decode("utf-8", "replace").split())


class Follower:
    """One round after the other; ``trouble`` is what the last one could not do, logged when it changes."""

    def __init__(self, nodes: Nodes, path: str) -> None:
        self._nodes, self._path = nodes, path
        self._last: Sequence[Node] = ()
        self.trouble = ""

    def step(self) -> bool:
        """Say to haproxy who serves; returns whether both were there."""
        trouble = ""
        try:
            self._last = self._nodes.known()
        except JstError as away:
            trouble = str(away)
        try:
            commands = orders(self._last)
            trouble = (send(self._path, commands) if commands else "表 node 里还没有节点") or trouble
        except OSError as away:
            trouble = f"haproxy 没有答复（{type(away).__name__}）。处理：检查 haproxy 与 {self._path}；恢复后自动继续"
        if trouble != self.trouble:
            log.warning("%s", trouble or "恢复：haproxy 按表 node 转发")
            self.trouble = trouble
        return not trouble


def follow(nodes: Nodes, path: str, clock: Clock) -> None:
    """Go on until the process is ended."""
    follower = Follower(nodes, path)
    while True:
        if follower.step():
            FOLLOWED.touch()
        clock.sleep(EVERY_SECONDS)


def main() -> None:
    """Read the environment and follow."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    clock = SystemClock()
    with Database(os.environ["JST_CONTROL_DSN"], patience=0.0) as database:
        follow(Nodes(database, clock), sys.argv[1], clock)


if __name__ == "__main__":
    main()
