"""Where the servers and the source are: what wiring has to know of the place it is used in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jst.erp.connection_settings import Settings
from jst.warehouse.hosts import Hosts


class Addresses(Protocol):
    """Where the servers and the source are; each is looked up when a part first needs it."""

    @property
    def dsn(self) -> str:
        """libpq's words for the control database."""

    @property
    def kafka(self) -> dict[str, Any]:
        """librdkafka's settings."""

    @property
    def hosts(self) -> Hosts:
        """The ClickHouse nodes."""

    @property
    def settings(self) -> Settings:
        """The source, as its connection describes it."""


@dataclass(frozen=True, slots=True)
class KnownAddresses:
    """Addresses without Airflow. ``clickhouse``: arguments of clickhouse_driver.Client, ``http_port`` beside them;
    ``source``: None for whoever asks the source nothing."""

    dsn: str
    kafka: dict[str, Any]
    clickhouse: Mapping[str, Any] = field(repr=False)
    source: Settings | None = None

    @property
    def hosts(self) -> Hosts:
        return Hosts.from_options({name: value for name, value in self.clickhouse.items() if name != "http_port"})

    @property
    def settings(self) -> Settings:
        if self.source is None:
            raise LookupError("no source is known here")
        return self.source
