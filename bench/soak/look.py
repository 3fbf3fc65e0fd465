"""One look at a running stack: everything that could grow, by name."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import clickhouse_driver
import psutil
import psycopg2

from bench.instruments.live_tables import LIVE
from local import report
from local.layout import Layout, LocalError
from local.services import postgres
from local.supervise.state import State, is_alive

Values = dict[str, float]
CHILDREN = "的子进程"
_OWN_DATABASES = "('ods', 'ops', 'dwd', 'dws', 'dim', 'bi', 'access')"
_SIZES = """SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
_CONNECTIONS = "SELECT datname, count(*) FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY datname"
_FAILED = """SELECT 'failed/任务', count(*) FROM task_instance WHERE state = 'failed'
    UNION ALL SELECT 'failed/运行', count(*) FROM dag_run WHERE state = 'failed'
    UNION ALL SELECT 'failed/重试', count(*) FROM task_instance_history"""
_BEHIND = """SELECT module, extract(epoch FROM clock_timestamp() - value)::float8 FROM watermark
    WHERE kind = 'complete' AND module = ANY(%s)"""
_PARTS = f"""SELECT database, table, count(), sum(rows), sum(bytes_on_disk) FROM system.parts
    WHERE active AND database IN {_OWN_DATABASES} GROUP BY database, table"""
_LEFT_OVER = f"SELECT count() FROM system.parts WHERE NOT active AND database IN {_OWN_DATABASES}"


class Watcher:
    """Looks at the stack of ``layout``."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def look(self) -> Values:
        """Return name → value: bytes, numbers or seconds. Raises LocalError when the stack has ended, and the errors of
        psycopg2 and clickhouse_driver while a server is away."""
        return {**self._processes(), **self._databases(), **self._warehouse(), **self._folders()}

    def _processes(self) -> Values:
        state = State.read(self._layout)
        if state is None or not is_alive(self._layout):
            raise LocalError("测量时全部进程已停止")
        roots = {name: process.pid for name, process in state.processes.items() if process.pid}
        roots["监管进程"] = psutil.Process(state.supervisor).ppid()
        found = Values({"restarts/进程": sum(process.restarts for process in state.processes.values())})
        supervised = {*roots.values(), state.supervisor}
        children = defaultdict[int, list[int]](list)
        for process in psutil.process_iter(["ppid"]):
            if process.pid not in supervised:
                children[process.info["ppid"]].append(process.pid)
        for name, pid in roots.items():
            own = [pid, state.supervisor] if name == "监管进程" else [pid]
            below = [each for top in own for each in _below(top, children)]
            found |= _family(name, own) | _family(f"{name} {CHILDREN}", below)
            found[f"rss/{name}"] = sum(_status(each) for each in own)
            found[f"processes/{name}"] = len(own) + len(below)
        return found

    def _databases(self) -> Values:
        found = Values()
        metadata = postgres.airflow_dsn(self._layout).replace("+psycopg2", "")
        for database, dsn in (("airflow", metadata), ("jst_ops", postgres.control_dsn(self._layout))):
            with closing(psycopg2.connect(dsn, connect_timeout=5)) as connection, connection.cursor() as cursor:
                cursor.execute(_SIZES)
                found |= {f"size/{database}.{table}": size for table, size in cursor.fetchall()}
                if database == "airflow":
                    cursor.execute(_CONNECTIONS)
                    found |= {f"connections/{name}": count for name, count in cursor.fetchall()}
                    cursor.execute(_FAILED)
                    found |= dict(cursor.fetchall())
                else:
                    cursor.execute(_BEHIND, (list(LIVE),))
                    found |= {f"behind/{module}": seconds for module, seconds in cursor.fetchall()}
        return found

    def _warehouse(self) -> Values:
        place = report.environment(self._layout, sandbox=True)
        client = clickhouse_driver.Client(
            place["JST_CLICKHOUSE_HOST"], int(place["JST_CLICKHOUSE_PORT"]), user=place["JST_CLICKHOUSE_USER"],
            password=place["JST_CLICKHOUSE_PASSWORD"], compression=False, connect_timeout=5,
        )  # fmt: skip
        try:
            tables, ((left_over,),) = client.execute(_PARTS), client.execute(_LEFT_OVER)
        finally:
            client.disconnect()
        found, by_database = Values({"parts/不再用的": left_over}), Counter[str]()
        for database, table, parts, rows, size in tables:
            found[f"size/{database}.{table}"] = size
            by_database[f"parts/{database}"] += parts
            by_database[f"rows/{database}"] += rows
        return found | by_database

    def _folders(self) -> Values:
        home = self._layout
        found = Values()
        found["logs/airflow"], found["size/logs/airflow"] = _folder(home.logs / "airflow")
        for log in home.logs.glob("*.log*"):
            found[f"size/logs/{log.name}"] = log.stat().st_size
        topics = Counter[str]()
        for folder in (home.data / "kafka" / "log").iterdir():
            if partition := re.fullmatch(r"(.+)-\d+(\..+)?", folder.name):
                topics[f"size/kafka/{partition[1]}"] += int(_folder(folder)[1])
        disks = {f"size/disk/{each.name}": _folder(each)[1] for each in home.data.iterdir() if each.is_dir()}
        return found | topics | disks


def _below(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    for child in children.get(pid, ()):
        yield child
        yield from _below(child, children)


def _family(name: str, pids: list[int]) -> Values:
    """Proportional memory in bytes, open files and sockets of some processes together; those that end meanwhile count
    with what was read."""
    found = Values({f"memory/{name}": 0, f"files/{name}": 0, f"sockets/{name}": 0})
    for pid in pids:
        try:
            found[f"memory/{name}"] += psutil.Process(pid).memory_full_info().pss
            for handle in os.scandir(f"/proc/{pid}/fd"):
                found[f"sockets/{name}" if os.readlink(handle.path).startswith("socket:") else f"files/{name}"] += 1
        except (psutil.Error, OSError):
            continue
    return found


def _status(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _folder(top: Path) -> tuple[int, int]:
    """Files and bytes below a folder; what vanishes meanwhile counts as gone."""
    files = size = 0
    for place, _, names in os.walk(top):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:
                continue
            files += 1
    return files, size
