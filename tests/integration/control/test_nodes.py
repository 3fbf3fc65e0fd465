"""Who serves, who may take its place, and who must be filled first."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.control.nodes import Nodes
from jst.errors import Misconfigured, Retry

pytestmark = pytest.mark.postgres
A, B = "ch1:9000", "ch2:9000"


@pytest.fixture
def nodes(database: Database) -> Nodes:
    nodes = Nodes(database, SystemClock())
    nodes.register((A, B))
    return nodes


def states(nodes: Nodes) -> dict[str, str]:
    return {node.name: node.state for node in nodes.known()}


def prove(nodes: Nodes, name: str) -> None:
    nodes.fill(name, SystemClock().now())
    nodes.join(name)
    nodes.prove(name, "1 张表 1 行一致")


def test_the_first_node_serves_and_a_new_one_is_away_until_it_is_filled(nodes: Nodes) -> None:
    nodes.register((A, B))
    assert states(nodes) == {A: "serving", B: "away"}
    assert (nodes.serving(), nodes.joined(), nodes.successors()) == (A, [A], [])
    nodes.fill(B, None)
    assert nodes.joined() == [A]
    nodes.join(B)
    assert nodes.joined() == [A, B]
    assert nodes.successors() == []
    nodes.prove(B, "31 张表 7 行一致")
    assert nodes.successors() == [B]
    assert "31 张表 7 行一致" in str(nodes.get(B))


def test_a_proven_node_takes_the_place_of_one_that_leaves(nodes: Nodes, database: Database) -> None:
    prove(nodes, B)
    assert nodes.leave(A, "没有回答")
    assert states(nodes) == {B: "serving", A: "away"}
    assert nodes.get(A).left_at is not None
    (incident,) = Incidents(database).standing("warehouse")
    assert (incident.kind, incident.subject) == ("node_away", A)
    assert nodes.leave(A, "没有回答")  # somebody else noticed it, too
    prove(nodes, A)
    assert states(nodes) == {B: "serving", A: "proven"}
    assert Incidents(database).standing("warehouse") == []


def test_the_last_node_that_has_everything_is_waited_for(nodes: Nodes) -> None:
    nodes.fill(B, None)
    nodes.join(B)
    assert not nodes.leave(A, "没有回答")
    assert states(nodes) == {A: "serving", B: "filling"}


def test_a_node_that_leaves_again_while_it_is_filled_keeps_what_it_misses(nodes: Nodes) -> None:
    prove(nodes, B)
    nodes.leave(B, "第一次")
    first = nodes.get(B).left_at
    nodes.fill(B, first)
    nodes.join(B)
    nodes.leave(B, "第二次")
    assert nodes.get(B).left_at == first
    with pytest.raises(Retry, match="比对期间又离开"):
        nodes.prove(B, "…")


def test_a_node_taken_out_of_the_connection_is_forgotten_and_the_serving_one_cannot_be(nodes: Nodes) -> None:
    prove(nodes, B)
    nodes.register((A,))
    nodes.register((A, B))
    assert states(nodes) == {A: "serving", B: "away"}
    with pytest.raises(Misconfigured, match=A):
        nodes.register((B,))


@pytest.fixture
def other(postgres_dsn: str) -> Iterator[Nodes]:
    with Database(postgres_dsn) as database:
        yield Nodes(database, SystemClock())


def test_nobody_writes_while_a_node_joins_and_many_write_at_once(nodes: Nodes, other: Nodes) -> None:
    order: list[str] = []

    def join() -> None:
        with other.exclusive():
            order.append("join")

    with nodes.shared():
        with other.shared():
            order.append("two write")
        joining = Thread(target=join)
        joining.start()
        joining.join(0.3)
        order.append("written")
    joining.join()
    assert order == ["two write", "written", "join"]


def test_a_write_whose_lock_was_lost_does_not_count(nodes: Nodes, database: Database) -> None:
    with pytest.raises(Retry, match="写锁"), nodes.shared():
        database.close()
