"""Where the servers of a measurement are, as its processes hand it on, and the parts of the system on them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import clickhouse_driver
import msgspec

from jst.addresses import KnownAddresses
from jst.erp.connection_settings import Settings
from jst.flow.load import Loader
from jst.wiring import Parts
from local.instance import Instance
from local.layout import LocalError


@dataclass(frozen=True, slots=True)
class Address:
    """Where the servers are; passed between processes as JSON."""

    dsn: str
    kafka: dict[str, Any]
    clickhouse: dict[str, Any]

    @classmethod
    def of(cls, servers: Instance) -> Address:
        """Start what is not running yet."""
        return cls(servers.postgres(), {"bootstrap.servers": servers.kafka()}, dict(servers.clickhouse()))

    def parts(self, source: Settings | None = None) -> Parts:
        """Build everything a task has, on these servers; ``source``: the ERP, where it is needed."""
        return Parts(KnownAddresses(self.dsn, self.kafka, self.clickhouse, source))

    def as_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def read(cls, text: str) -> Address:
        return msgspec.json.decode(text, type=cls)


def connect(address: Address) -> clickhouse_driver.Client:
    place = address.clickhouse
    return clickhouse_driver.Client(
        place["host"], place["port"], user=place["user"], password=place["password"], compression=False
    )


@contextmanager
def loader(address: Address, module: str = "sale_out") -> Iterator[Loader]:
    """Yield a Loader with connections of its own, as a task has one."""
    with address.parts() as parts:
        yield parts.loader(module)


def run(command: list[str], text: str, environment: Mapping[str, str] | None = None) -> tuple[list[str], float]:
    """Run a process with ``text`` as its input; returns its lines of output and its core-seconds."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write(text)
        process.stdin.close()
        lines = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise LocalError(f"{' '.join(command[1:3])} 失败，退出码 {process.returncode}")
    return lines, usage.ru_utime + usage.ru_stime
