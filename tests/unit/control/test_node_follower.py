"""BI's way to the serving node: haproxy is closed for all others, and keeps the last word while anything is away."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from jst.control.node_follower import Follower, orders
from jst.control.nodes import Node
from jst.errors import Retry
from jst.model.words import NodeState

FIRST = "set server clickhouse/clickhouse2 state maint; set server clickhouse/clickhouse1 state ready"


def nodes(*states: NodeState) -> list[Node]:
    return [
        Node(f"clickhouse{number}:9000", state, True, "", None, "", datetime(2026, 1, 1, tzinfo=UTC))
        for number, state in enumerate(states, 1)
    ]


class Table:
    """Table node, or a control database that is away."""

    def __init__(self, *states: NodeState) -> None:
        self.rows: Sequence[Node] | None = nodes(*states)

    def known(self) -> Sequence[Node]:
        if self.rows is None:
            raise Retry("控制库 jst_ops 现在不可用", do="检查 PostgreSQL")
        return self.rows


class Haproxy:
    """Its admin socket; keeps what it is told."""

    def __init__(self, path: Path) -> None:
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                self.heard.append(line.makefile().readline().strip())
                line.sendall(b"No such server.\n" if "clickhouse3" in self.heard[-1] else b"\n\n")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def haproxy(tmp_path: Path) -> Iterator[Haproxy]:
    haproxy = Haproxy(tmp_path / "admin.sock")
    yield haproxy
    haproxy.close()


@pytest.mark.parametrize("other", ["proven", "filling", "away"])
def test_only_the_serving_node_is_open(other: NodeState) -> None:
    assert orders(nodes("serving", other)) == FIRST
    assert orders(nodes(other, "serving")).endswith("clickhouse2 state ready")
    assert "clickhouse1 state maint" in orders(nodes(other, "serving"))


def test_it_says_it_again_every_round_and_the_last_word_while_the_control_database_is_away(
    haproxy: Haproxy, tmp_path: Path
) -> None:
    table: Any = Table("serving", "filling")
    follower = Follower(table, str(tmp_path / "admin.sock"))
    assert follower.step()
    table.rows = None
    assert not follower.step()
    assert "控制库" in follower.trouble
    assert haproxy.heard == [FIRST, FIRST]


def test_a_haproxy_that_is_away_or_does_not_know_a_node_is_said(haproxy: Haproxy, tmp_path: Path) -> None:
    table: Any = Table("serving", "away", "away")
    follower = Follower(table, str(tmp_path / "admin.sock"))
    assert not follower.step()
    assert follower.trouble == "No such server."
    away = Follower(table, str(tmp_path / "none.sock"))
    assert not away.step()
    assert away.trouble.startswith("haproxy 没有答复")
