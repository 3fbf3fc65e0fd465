"""ClickHouse from npm's libchdb, as one process that serves HTTP and the native protocol, each behind a door."""

from __future__ import annotations

import secrets
import shutil
import sys
from functools import partial
from pathlib import Path

from jst.access.spec import SPEC, load_access
from local.layout import HOST, TOOLS, Layout, python_environment, write_private
from local.services.clickhouse_config import config_xml, users_xml
from local.services.process import Service, answers, http_ok

LIBRARY = TOOLS / "npm" / "node_modules" / "@chdb" / "lib-linux-x64-gnu" / "libchdb.so"


def service(layout: Layout, access: Path = SPEC) -> Service:
    folder = layout.data / "clickhouse"
    ports = layout.ports
    return Service(
        name="clickhouse",
        title="ClickHouse",
        argv=[sys.executable, "-m", "local.services.clickhouse_server"]
        + [str(LIBRARY), str(folder), str(ports.clickhouse), str(ports.clickhouse_http)],
        env={**python_environment(), "CH_CTL_PASSWORD": secrets.token_hex(16), "TZ": "Asia/Shanghai"},
        log=layout.log("clickhouse"),
        ready=lambda: _ready(layout),
        prepare=partial(_render, layout, folder, access),
    )


def http_url(layout: Layout) -> str:
    return f"http://{HOST}:{layout.ports.clickhouse_http}"


def environment(layout: Layout) -> dict[str, str]:
    """Return what plain scripts read."""
    return {
        "JST_CLICKHOUSE_HOST": HOST,
        "JST_CLICKHOUSE_PORT": str(layout.ports.clickhouse),
        "JST_CLICKHOUSE_USER": "etl",
        "JST_CLICKHOUSE_PASSWORD": layout.secrets.clickhouse("etl"),
    }


def _ready(layout: Layout) -> bool:
    return http_ok(f"{http_url(layout)}/ping") and answers(layout.ports.clickhouse)


def _render(layout: Layout, folder: Path, access: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # the embedded server keeps "system" in memory and trips over the folder its last life left behind
    shutil.rmtree(folder / "data" / "data" / "system", ignore_errors=True)
    write_private(folder / "config.xml", config_xml(layout.ports, folder, layout.home / "backups" / "clickhouse"))
    write_private(folder / "users.xml", users_xml(load_access(access), layout.secrets.clickhouse))
    (folder / "tmp").mkdir(exist_ok=True)
