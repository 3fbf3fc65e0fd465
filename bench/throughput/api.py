"""From the ERP's API to ClickHouse: ours through Kafka, and dlt straight, both from the same sandbox without limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.instruments.addresses import Address, run
from bench.instruments.process_cost import Meter
from bench.instruments.sandbox_process import KEY, SECRET, running, sandbox, url_of
from jst.clock import SystemClock
from jst.erp.gateway import make_token, window_question
from jst.model.module import load_module
from jst.model.window import Window
from local.instance import Instance
from local.layout import TOOLS, LocalError

DAYS = 2.5
REQUIREMENTS = Path(__file__).with_name("requirements-dlt.txt")
_VENV = TOOLS / "bench" / "dlt"


@dataclass(frozen=True, slots=True)
class Way:
    """Rows carried, and core-seconds by process: its own, and what it made the servers do."""

    rows: int
    cores: dict[str, float]

    @property
    def rows_per_core_second(self) -> float:
        return self.rows / max(0.001, sum(self.cores.values()))


@contextmanager
def shop(servers: Instance, orders: int) -> Iterator[str]:
    """Address of a sandbox ERP that stands still with about ``orders`` orders of the last days."""
    port, past = servers.layout.ports.erp, ("--history-days", str(DAYS), "--history-per-hour", str(orders / DAYS / 24))
    with running(sandbox(port, servers.layout.home / "erp", "--no-quota", *past)):
        httpx.post(f"{url_of(port)}/sandbox/freeze", trust_env=False, timeout=60).raise_for_status()
        yield url_of(port)


def ours(servers: Instance, address: Address, url: str) -> Way:
    """First load of sale_out: API → Kafka → ClickHouse, down to the wide table."""
    text = "\n".join([address.as_json(), url, KEY, SECRET])
    return _measured(servers, [sys.executable, "-m", "bench.throughput.pull_worker"], text, None)


def dlts(servers: Instance, address: Address, url: str) -> Way:
    """Pull the same rows by dlt's rest_api source, merged by key; its virtual environment is made when it is
    missing."""
    module, now = load_module("sale_out"), SystemClock().now().replace(microsecond=0)
    question = window_question(module, Window(now - timedelta(days=6), now), 1)
    place = address.clickhouse
    task = {
        "url": url,
        "path": module.endpoint("gateway").path,
        "list_key": module.endpoint("gateway").list_key,
        "token": make_token(KEY, SECRET, module.endpoint("gateway").scope, now),
        "question": {name: value for name, value in question.items() if name != "page_index"},
        "folder": str(servers.layout.home / "dlt"),
        "clickhouse": {
            "host": place["host"], "port": place["port"], "http_port": place["http_port"], "secure": 0,
            "username": place["user"], "password": place["password"], "database": "ods",
        },
    }  # fmt: skip
    script = str(Path(__file__).with_name("dlt_pull.py"))
    return _measured(servers, [str(_dlt_python()), script], json.dumps(task), _quiet())


def _measured(servers: Instance, command: list[str], text: str, environment: dict[str, str] | None) -> Way:
    meter = Meter()
    meter.look(servers.pids(), {})
    lines, cores = run(command, text, environment)
    meter.look(servers.pids(), {})
    used = {name: usage.cpu for name, usage in meter.usage.items()}
    return Way(json.loads(lines[-1])["rows"], {"进程": cores, **used})


def _dlt_python() -> Path:
    python, mark = _VENV / "bin" / "python", _VENV / "requirements.txt"
    wanted = REQUIREMENTS.read_text("utf-8")
    if not mark.exists() or mark.read_text("utf-8") != wanted:
        print("  准备 dlt 的虚拟环境（只在首次）", flush=True)
        venv.create(_VENV, with_pip=True, clear=True)
        done = subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=False)
        if done.returncode:
            raise LocalError("装不上 dlt：检查到软件包仓库的网络，或用 --no-dlt 只测自己")
        mark.write_text(wanted, "utf-8")
    return python


def _quiet() -> dict[str, Any]:
    return {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "PYTHONPATH": ""}
