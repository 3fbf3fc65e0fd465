"""Which source the stack reads, and in which dialect: the sandbox ERP, or a connection of the company's own."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jst.model.module import INCLUDE, INITIAL_DAYS, load_module, module_names
from local.layout import HOST, Layout, LocalError, python_environment
from local.services.process import Service, http_ok

CONNECTION = "AIRFLOW_CONN_JUSHUITAN_DEFAULT"
WORKBOOK_CONNECTION = "AIRFLOW_CONN_SHOPS_WORKBOOK"
WORKBOOK = INCLUDE / "config" / "shops.xlsx"
APP_KEY = "sandbox_app"
_FIRST_DIALECT = "gateway"
STOCK = {"gateway": "per_warehouse", "openapi": "total"}
"""Which stock is read in each dialect: 97 calls a minute carry no warehouses beside the orders."""
_PAST_DAYS = {"gateway": 28, "openapi": 3}
"""Days of the sandbox's past, which the first load reads: openapi has 100 calls a minute for everything."""
_PER_HOUR, _SKUS = 120, 800


def chosen_dialect(layout: Layout) -> str:
    """Return what the environment asks for, else what the data was made with.

    Raises LocalError when both are known and differ: cursors, plans and rows of one dialect mean nothing to the other.
    """
    wanted, kept = _wanted(), _kept(layout)
    if wanted and kept and wanted != kept:
        raise LocalError(
            f"现有数据来自 {kept} 方言，不能改用 {wanted}：先运行 make clean（删除本机全部数据）再 make up，"
            f"或设 JST_DIALECT={kept} 继续使用现有数据"
        )
    return wanted or kept or _FIRST_DIALECT


def is_own() -> bool:
    """Say whether the source is the company's own, and not the sandbox."""
    return CONNECTION in os.environ


def lacks_workbook() -> bool:
    """Say whether a source of the company's own is read without a workbook of its shops."""
    return is_own() and WORKBOOK_CONNECTION not in os.environ and not WORKBOOK.exists()


def keep_dialect(layout: Layout, dialect: str) -> None:
    """Remember what the data is going to be made with."""
    layout.data.mkdir(parents=True, exist_ok=True)
    _memory(layout).write_text(dialect, "utf-8")


def sandbox(layout: Layout) -> Service:
    """Return the sandbox ERP, a company with a past; ``JST_SANDBOX`` holds further options, as on a command line: the
    last word is theirs."""
    port, dialect = layout.ports.erp, chosen_dialect(layout)
    company = ["--rhythm", str(_PER_HOUR), "--history-days", str(_PAST_DAYS[dialect]), "--skus", str(_SKUS)]
    return Service(
        name="erp",
        title="沙箱 ERP",
        argv=[sys.executable, "-m", "local.sandbox", "--port", str(port), "--data", str(layout.data / "erp")]
        + ["--app-key", APP_KEY, "--dialect", dialect, *company, *_options()],
        env={**python_environment(), "JST_ERP_SECRET": layout.secrets.erp},
        log=layout.log("erp"),
        ready=lambda: http_ok(f"http://{HOST}:{port}/sandbox/health"),
        seconds=300.0,  # a shop with a history writes it first
    )


def first_load(layout: Layout) -> dict[str, str]:
    """Return the setting by which the first load reads the sandbox's whole past; none beside another source."""
    return {} if is_own() else {INITIAL_DAYS: str(_PAST_DAYS[chosen_dialect(layout)])}


def _options() -> list[str]:
    text = os.environ.get("JST_SANDBOX", "")
    try:
        return shlex.split(text)
    except ValueError as problem:
        raise LocalError(f"环境变量 JST_SANDBOX={text} 不是一行命令选项（{problem}）") from None


def _wanted() -> str:
    if is_own():
        return _of_connection(os.environ[CONNECTION])
    wanted = os.environ.get("JST_DIALECT", "")
    known = sorted({dialect for name in module_names() for dialect in load_module(name).dialects})
    if wanted and wanted not in known:
        raise LocalError(f"环境变量 JST_DIALECT={wanted} 不是已知方言，可选：{'、'.join(known)}")
    return wanted


def _of_connection(text: str) -> str:
    """Airflow takes a connection as JSON or as a URI."""
    if not text.lstrip().startswith("{"):
        return parse_qs(urlsplit(text).query).get("dialect", [_FIRST_DIALECT])[0]
    try:
        extra = json.loads(text).get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
        return str(extra.get("dialect", _FIRST_DIALECT))
    except (ValueError, AttributeError):
        raise LocalError(f"环境变量 {CONNECTION} 不是 JSON 连接，请按 docs/zh/connecting.md 的样例填写") from None


def _kept(layout: Layout) -> str:
    memory = _memory(layout)
    if memory.exists():
        return memory.read_text("utf-8").strip()
    return _FIRST_DIALECT if (layout.data / "postgres").exists() else ""


def _memory(layout: Layout) -> Path:
    return layout.data / "dialect"
