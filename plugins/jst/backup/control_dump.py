"""The control database's dump, made and read by PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from psycopg2.extensions import make_dsn, parse_dsn

from jst.errors import Misconfigured, Retry


def dump(dsn: str, file: Path) -> None:
    """Dump the control database as it is at this moment. Raises Misconfigured when pg_dump is missing or older than the
    server, Retry when the server is away."""
    _run(dsn, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}"])


def put_back(dsn: str, file: Path) -> None:
    """Fill an empty control database from the dump, in one transaction: all of it or nothing. Raises as ``dump``."""
    restoring = ["pg_restore", "--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    _run(dsn, [*restoring, str(file)])


def _run(dsn: str, command: list[str]) -> None:
    known = parse_dsn(dsn)
    password = known.pop("password", None)
    # an argument stands in the process list, where every account of the machine reads it
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    try:
        done = subprocess.run(
            [*command, f"--dbname={make_dsn(**known)}"], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise Misconfigured(
            f"这台机器上没有 {command[0]}", do="安装 PostgreSQL 的客户端（postgresql-client），主版本不低于服务器"
        ) from None
    if done.returncode == 0:
        return
    said = " ".join(done.stderr.split())[-500:]
    if "version mismatch" in said:
        raise Misconfigured(
            f"{command[0]} 比 PostgreSQL 服务器旧：{said}", do="安装与服务器同一主版本的 postgresql-client"
        )
    raise Retry(f"{command[0]} 没有完成：{said}", do="检查 PostgreSQL 与磁盘，再运行一次", server="PostgreSQL")
