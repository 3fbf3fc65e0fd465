"""Where the servers and the source are: all that wiring has to know about the place it runs in."""

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
        """The control database as a libpq connection string."""

    @property
    def kafka(self) -> dict[str, Any]:
        """Settings for librdkafka."""

    @property
    def hosts(self) -> Hosts:
        """The ClickHouse nodes."""

    @property
    def settings(self) -> Settings:
        """The source, as its connection describes it."""


@dataclass(frozen=True, slots=True)
class KnownAddresses:
    """Addresses without Airflow. ``clickhouse``: arguments of clickhouse_driver.Client, ``http_port`` beside them;
    ``source``: None where the source is not asked."""

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
