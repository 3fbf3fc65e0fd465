"""``python -m jst.backup save``, ``… restore [name]`` and ``… list``: for a timer, and for a person after a loss.

JST_CONTROL_DSN (libpq), JST_CLICKHOUSE_HOST, _PORT (native), _USER and _PASSWORD say where the servers are,
JST_CLICKHOUSE_EXTRA what else the driver is given, as a connection's extra (TLS); JST_BACKUP_FOLDER where backups lie,
JST_BACKUP_CLICKHOUSE where ClickHouse writes its part (docs/backup.md).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

from clickhouse_driver import Client

from jst.backup.backup_folder import BackupFolder, Manifest
from jst.backup.backup_round import BackupRound, Restored
from jst.clock import SHANGHAI, SystemClock
from jst.errors import JstError, Misconfigured
from jst.warehouse.cluster import SingleNode
from jst.warehouse.hosts import Hosts

_PLACE = "Disk('backups', '{name}')"
_USAGE = "用法：python -m jst.backup save | restore [名字] | list"


def main(arguments: list[str]) -> int:
    """Do what the first argument says; returns the exit status: 0 done, 1 not done and why, 2 wrong usage."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)  # its traceback would bury our one sentence
    command, *names = arguments or [""]
    if command not in ("save", "restore", "list") or len(names) > (command == "restore"):
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        folder = BackupFolder(Path(os.environ["JST_BACKUP_FOLDER"]), os.environ.get("JST_BACKUP_CLICKHOUSE", _PLACE))
        if command == "list":
            return _list(folder)
        with node_of_environment() as node:
            return _do(command, BackupRound(os.environ["JST_CONTROL_DSN"], node, folder, SystemClock()), *names)
    except KeyError as missing:
        print(f"缺少环境变量 {missing.args[0]}。处理：设置后再运行", file=sys.stderr)
        return 2
    except JstError as error:
        print(error, file=sys.stderr)
        return 1


def node_of_environment() -> Client:
    """Build the client of the node that is backed up. Raises KeyError without a variable, Misconfigured for a wrong
    one."""
    names = ("host", "port", "user", "password")
    place = {name: os.environ[f"JST_CLICKHOUSE_{name.upper()}"] for name in names}
    try:
        extra = dict(json.loads(os.environ.get("JST_CLICKHOUSE_EXTRA") or "{}"))
    except (ValueError, TypeError):
        raise Misconfigured(
            "环境变量 JST_CLICKHOUSE_EXTRA 不是 JSON 对象", do='写成 {"secure": true, "ca_certs": "/etc/jst/ca.pem"}'
        ) from None
    hosts = Hosts.from_options({**place, "connect_timeout": 5, **extra})
    return hosts.client(hosts.names[0], kind=SingleNode)


def _do(command: str, backups: BackupRound, *names: str) -> int:
    clock = SystemClock()
    began = clock.monotonic()
    lines = [_saved(backups)] if command == "save" else _restored(backups.put_back(*names))
    print(f"{lines[0]}，{(clock.monotonic() - began) / 60:.1f} 分钟", *lines[1:], sep="\n")
    return 0


def _saved(backups: BackupRound) -> str:
    return f"备份完成：{_about(backups.save())}"


def _restored(done: Restored) -> list[str]:
    filled = [name for name, there in (("ClickHouse", done.warehouse), ("控制库 jst_ops", done.control)) if there]
    lines = [f"已恢复 {'与'.join(filled)}：{_about(done.manifest)}"]
    if not done.control:
        since = done.manifest.began_at.astimezone(SHANGHAI)
        return [*lines, f"接下来：运行 jst_rebuild，从 {since:%F %T} 开始；Kafka 里没有的日子用 jst_backfill"]
    return [
        *lines,
        "接下来：运行 python -m jst.airflow.prepare，再启动 Airflow；备份之后的数据会自己重新读取。docs/backup.md",
    ]


def _about(manifest: Manifest) -> str:
    kind = f"加在 {manifest.base} 上" if manifest.base else "完整"
    return f"{manifest.name}（{kind}，{manifest.finished_at.astimezone(SHANGHAI):%F %T}，版本 {manifest.version}）"


def _list(folder: BackupFolder) -> int:
    print("\n".join(map(_about, folder.all())) or "还没有备份")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
