"""A client of librdkafka that remembers for what brokers turned it away: a call that fails says only that it failed."""

from __future__ import annotations

import logging
import re
from typing import Any, Generic, TypeVar

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from jst.clock import SystemClock
from jst.errors import Misconfigured, Retry
from jst.model.tls_refusal import tls_refusal

log = logging.getLogger("jst.kafka")
T = TypeVar("T", Producer, Consumer, AdminClient)
_CA = "连接 kafka_default 的 ssl.ca.location"
_OF_LOGIN = (
    "不接受连接里的账号",
    "核对连接 kafka_default 的 sasl.mechanism、sasl.username、sasl.password",
)
_ADDRESS = re.compile(r"\[thrd:(?:\w+://)?([^/\]]+)")
_LOGIN = re.compile(r"SASL authentication error|Authentication failed")
_REMEMBERED_SECONDS = 30.0
"""The library tries a broker again within seconds: what is older was mended, or belongs to another trouble."""


class _Log:
    """Where the library logs: the call that fails says less than this. Apart from the line, which the library would
    else keep alive with every client."""

    def __init__(self) -> None:
        self._clock = SystemClock()  # librdkafka waits in real time, whatever clock the others have
        self._refusal: tuple[float, str, str] | None = None

    def log(self, level: int, template: str, *words: object) -> None:
        """Log one line, and remember it when brokers turn us away in it."""
        log.log(level, template, *words)
        said = template % words
        if refusal := _OF_LOGIN if _LOGIN.search(said) else tls_refusal(said, _CA):
            address = _ADDRESS.search(said)
            server = f"Kafka（{address[1]}）" if address else "Kafka"
            self._refusal = (self._clock.monotonic(), f"{server}{refusal[0]}", refusal[1])

    def refusal(self) -> tuple[str, str] | None:
        """Return what happened and what to do; None when there was nothing lately."""
        if self._refusal is None or self._clock.monotonic() - self._refusal[0] > _REMEMBERED_SECONDS:
            return None
        return self._refusal[1:]


class BrokerLine(Generic[T]):
    """``kind``: the class of the client; ``config``: the connection's extra, and what this client adds. Raises
    Misconfigured when the library does not take the settings."""

    def __init__(self, kind: type[T], config: dict[str, Any]) -> None:
        self._log = _Log()
        settings: dict[str, Any] = {**config, "logger": self._log}
        try:
            self.client: T = kind(settings)
        except (KafkaException, TypeError) as error:
            said = error.args[0].str() if isinstance(error, KafkaException) else str(error)
            refusal = tls_refusal(said, _CA) or (f"的设置不对：{said[:300]}", "对照 librdkafka 的设置名改正它的 extra")
            raise Misconfigured(f"连接 kafka_default {refusal[0]}", do=refusal[1]) from None

    def away(self, what: str, *, do: str) -> Retry:
        """Return the error of a call that got no answer: for what the brokers turn us away, else ``what``."""
        self.client.poll(0)  # only there the library hands over what it logs
        what, do = self._log.refusal() or (what, do)
        return Retry(what, do=do, server="Kafka", after=2.0)
