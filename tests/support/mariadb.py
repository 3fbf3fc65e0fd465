"""A MariaDB server of the tests' own: the system's, or Debian's packages unpacked beside our tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pymysql
import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from local.layout import TOOLS

UNPACKED = TOOLS / "mariadb"
PACKAGES = ("mariadb-server-core", "mariadb-server", "libaio1", "liburing2")
_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
USER, PASSWORD = "dim", "dim-secret"


class MariaDB:
    """``port`` on 127.0.0.1, with a database dim and a user of it; ``stop`` and ``start`` make an outage.
    ``options``: of the server."""

    def __init__(self, home: Path, port: int, *options: str) -> None:
        self.port, self._home, self._base, self._options = port, home, _base(), options
        self._share, self._data = self._base / "share" / "mysql", home / "data"
        self._data.mkdir(parents=True)
        tables = "".join((self._share / name).read_text("utf-8") for name in _TABLES)
        begin = "create database mysql;\nuse mysql;\nSET @auth_root_socket=NULL;\n"
        subprocess.run(self._command("--bootstrap"), input=(begin + tables).encode(), env=self._environment, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)  # fmt: skip
        self.start()
        for each in (
            "CREATE DATABASE dim CHARACTER SET utf8mb4", f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL ON dim.* TO {USER}@'127.0.0.1'",
        ):  # fmt: skip
            self.execute(each)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """As root, in database dim where it is there."""
        session = pymysql.connect(unix_socket=self._socket, user="root", charset="utf8mb4", autocommit=True)
        with session, session.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def start(self) -> None:
        listening = (f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self._socket}", *self._options)
        with (self._home / "log").open("ab") as out:
            self._process = subprocess.Popen(
                self._command(*listening), env=self._environment, stdout=out, stderr=subprocess.STDOUT
            )
        for attempt in Retrying(
            wait=wait_fixed(0.2), stop=stop_after_delay(120), retry=retry_if_exception_type(pymysql.MySQLError)
        ):
            with attempt:
                self.execute("SELECT 1")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(120)

    @property
    def _socket(self) -> str:
        return f"{tempfile.gettempdir()}/jst-mariadb-{self.port}.sock"  # a socket's path may not be long

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "LD_LIBRARY_PATH": str(self._base / "lib" / "x86_64-linux-gnu")}

    def _command(self, *options: str) -> list[str]:
        program = self._base / "sbin" / "mariadbd"
        root = ("--user=root",) if os.geteuid() == 0 else ()
        return [str(program), "--no-defaults", f"--datadir={self._data}", f"--lc-messages-dir={self._share}",
                "--innodb-buffer-pool-size=32M", *root, *options]  # fmt: skip


def _base() -> Path:
    """The prefix (/usr) of a MariaDB server; skips the test where there is none and none can be had."""
    if Path("/usr/sbin/mariadbd").exists():
        return Path("/usr")
    base = UNPACKED / "usr"
    if not (base / "sbin" / "mariadbd").exists():
        if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
            pytest.skip("没有 MariaDB 服务器：安装 mariadb-server 后重试")
        UNPACKED.mkdir(parents=True, exist_ok=True)
        fetch = ["apt-get", "download", *PACKAGES]
        got = subprocess.run(fetch, cwd=UNPACKED, capture_output=True, text=True, check=False)
        if got.returncode:
            print(got.stderr, file=sys.stderr)
            pytest.skip("下载不到 Debian 的 MariaDB：安装 mariadb-server 后重试")
        for package in UNPACKED.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, UNPACKED], check=True)
            package.unlink()
    return base
