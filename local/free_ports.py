"""Whether the ports of an installation are free, before anything is started on them."""

from __future__ import annotations

import socket
from dataclasses import asdict

from local.layout import HOST, Layout, LocalError, variable
from local.services import monitoring
from local.supervise.start_order import has_sandbox

_OWNERS = {
    "airflow": "Airflow",
    "postgres": "PostgreSQL",
    "kafka": "Kafka",
    "kafka_controller": "Kafka controller",
    "clickhouse_http": "ClickHouse HTTP",
    "clickhouse": "ClickHouse",
    "erp": "沙箱 ERP",
    "prometheus": "Prometheus",
    "alertmanager": "Alertmanager",
}


def check_ports(layout: Layout) -> None:
    """Raise LocalError naming the port that another process has, and what it is wanted for."""
    unused = [] if has_sandbox() else ["erp"]
    unused += [] if monitoring.is_wanted() else ["prometheus", "alertmanager"]
    for name, port in asdict(layout.ports).items():
        if name in unused:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise LocalError(
                    f"端口 {port}（{_OWNERS[name]}）已被占用：请停止占用它的程序（ss -ltnp 可查看），"
                    f"或换一个端口：{variable(name)}=<端口> make up"
                ) from None
