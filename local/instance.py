"""A throw-away PostgreSQL, Kafka, ClickHouse and Airflow on free ports for tests, each started when asked for."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from jst.access.spec import SPEC
from local.layout import HOST, TOOLS, Layout, Ports, Secrets
from local.services import airflow, clickhouse, kafka, monitoring, postgres
from local.services.process import Service, run, start, stop

# below the range the kernel hands out to outgoing connections
_FIRST_PORT, _PORTS_PER_RUN = 20000, 1000


def _range() -> range:
    """Test workers that run side by side choose from different ports."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw11").removeprefix("gw")) % 12
    return range(_FIRST_PORT + worker * _PORTS_PER_RUN, _FIRST_PORT + (worker + 1) * _PORTS_PER_RUN)


class Instance:
    """Real servers that live as long as this object; ``close`` stops them and removes their data."""

    def __init__(self, home: Path, access: Path = SPEC) -> None:
        self.access = access
        self.layout = Layout(home, free_ports(), Secrets())
        self._running: dict[str, tuple[Service, subprocess.Popen[bytes]]] = {}

    def postgres(self) -> str:
        """DSN of a PostgreSQL database, started on first use."""
        self._start(lambda: postgres.service(self.layout, durable=False))
        return postgres.control_dsn(self.layout)

    def kafka(self) -> str:
        """``bootstrap.servers`` of a broker, started on first use."""
        self._start(lambda: kafka.service(self.layout))
        return kafka.bootstrap_servers(self.layout)

    def clickhouse(self) -> dict[str, str | int]:
        """Address and etl login of a ClickHouse, started on first use."""
        self._start(lambda: clickhouse.service(self.layout, self.access))
        ports = self.layout.ports
        return {
            "host": HOST,
            "port": ports.clickhouse,
            "http_port": ports.clickhouse_http,
            "user": "etl",
            "password": self.layout.secrets.clickhouse("etl"),
        }

    def airflow(self) -> str:
        """URL of an Airflow api-server with connections to the other servers; without a scheduler no run starts."""
        if "api-server" not in self._running:
            self.postgres()
            run(airflow.migrate_database(self.layout))
            self._start(lambda: airflow.api_server(self.layout))
        return airflow.url(self.layout)

    def monitoring(self) -> dict[str, str]:
        """Addresses of a Prometheus that scrapes the api-server, and of its Alertmanager, named as by ``make env``."""
        self.airflow()
        if "prometheus" not in self._running:
            for service in monitoring.services(self.layout):
                self._running[service.name] = (service, start(service))
        return monitoring.addresses(self.layout)

    def read_dags(self) -> None:
        """Let Airflow know the DAGs, as the dag-processor would."""
        run(airflow.read_dags(self.layout))

    def pids(self) -> dict[str, int]:
        """Process id of each server that was started."""
        return {name: process.pid for name, (_, process) in self._running.items()}

    def stop(self, name: str) -> None:
        """Stop one server and keep its data, as an outage does."""
        service, process = self._running[name]
        stop(service, process)

    def kill(self, name: str) -> None:
        """End one server at once, as ``kill -9`` does."""
        _, process = self._running[name]
        process.kill()
        process.wait()

    def start(self, name: str) -> None:
        """Start a stopped server again on the same port with the same data."""
        service, _ = self._running[name]
        self._running[name] = (service, start(service))

    def close(self) -> None:
        for service, process in reversed(self._running.values()):
            stop(service, process)
        self._running.clear()
        shutil.rmtree(self.layout.home, ignore_errors=True)

    def _start(self, build: Callable[[], Service]) -> None:
        service = build()
        if service.name not in self._running:
            self._running[service.name] = (service, start(service))


def for_this_process() -> Instance:
    """Create an instance under ``.local/test/<pid>``; leftovers of dead test runs are removed first."""
    folder = TOOLS / "test"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name.isdecimal() and not Path("/proc", old.name).exists():
            shutil.rmtree(old, ignore_errors=True)
    return Instance(folder / str(os.getpid()))


def free_ports() -> Ports:
    """Find ports on which no process listens right now, all different."""
    found: list[int] = []
    for port in random.sample(_range(), k=200):
        if _is_free(port):
            found.append(port)
        if len(found) == len(fields(Ports)):
            break
    return Ports(*found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
