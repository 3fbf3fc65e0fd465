"""A ClickHouse that is gone, hangs up or is frozen: one error of ours that names it, whoever asked for what."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from jst.errors import Retry
from jst.warehouse.cluster import ALONE, Away, SingleNode, errors_of_ours, translate_errors


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (EOFError("Unexpected EOF while reading bytes"), "ClickHouse 连不上（EOFError）"),
        (ConnectionResetError(104, "reset"), "ClickHouse 连不上（ConnectionResetError）"),
        (TimeoutError("timed out"), "ClickHouse 没有答复（TimeoutError）"),
    ],
)
def test_what_the_driver_raises_names_the_server(raw: Exception, said: str) -> None:
    with pytest.raises(Retry) as caught, errors_of_ours():
        raise raw
    assert (caught.value.what, caught.value.server) == (said, "ClickHouse")
    with pytest.raises(Away) as told, translate_errors("装载", away="数据都在 Kafka 里", refused=""), errors_of_ours():
        raise raw
    assert (told.value.what, told.value.do) == (said, "检查 ClickHouse；数据都在 Kafka 里")


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word, as a frozen one does."""
    with socket.create_server(("127.0.0.1", 0), backlog=5) as server:
        yield server.getsockname()[1]


@pytest.fixture
def hangs_up() -> Iterator[int]:
    """The port of a server that hangs up on every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            for _ in range(4):
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


def ask(port: int) -> Away:
    node = SingleNode("127.0.0.1", port, connect_timeout=1, send_receive_timeout=1, sync_request_timeout=1)
    with pytest.raises(Away) as caught:
        node.execute("SELECT 1")
    node.disconnect()
    return caught.value


def test_a_frozen_server_is_not_waited_for_as_long_as_the_driver_would(silent: int) -> None:
    assert ask(silent).what == "ClickHouse 没有答复（SocketTimeoutError）"
    assert ALONE["send_receive_timeout"] < 60


def test_a_server_that_hangs_up_is_away(hangs_up: int) -> None:
    assert ask(hangs_up).server == "ClickHouse"
