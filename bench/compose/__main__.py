"""``python -m bench.compose``: exit code 0; 1 when the stack did not get green, a row differed, or a killed part stayed
away."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench.compose.cluster_view import ClusterView
from bench.compose.engine import FOLDER, Engine
from bench.compose.kill_each import SERVICES, ClusterKill, flowing, kill_one
from bench.compose.standin_images import build_all, write_files
from local.layout import LocalError

GREEN = "全部正常"
PER_HOUR = 3600
"""Orders an hour, evenly, while parts are killed: one a second."""
_TELL_SHOP = (
    "import sys, urllib.request as u; "
    "u.urlopen(u.Request('http://127.0.0.1:18200/sandbox/' + sys.argv[1], sys.argv[2].encode(), "
    "{'Content-Type': 'application/json'}), timeout=20).close()"
)


class ComposeDrill:
    """One life of the stack, from images to the last comparison; ``say`` keeps what is printed."""

    def __init__(self, engine: Engine, variables: dict[str, str]) -> None:
        self.engine, self.view = engine, ClusterView(engine, variables)
        self.seconds: dict[str, float] = {}
        self.kills: list[ClusterKill] = []

    def start(self) -> None:
        """Start everything; wait for health, then for the ledger's first line to be green."""
        began = time.monotonic()
        self.engine.compose("up", "--detach", "--pull", "never", "--no-build", seconds=1500.0)
        self.seconds["docker compose up"] = time.monotonic() - began
        self.view.wait("所有容器健康", 600.0, lambda: not self.view.unwell())
        self.seconds["所有容器健康"] = time.monotonic() - began
        self.view.wait(
            "两个 ClickHouse 节点一致", 600.0, lambda: set(self.view.nodes().values()) == {"serving", "proven"}
        )
        self.seconds["两个 ClickHouse 节点一致"] = time.monotonic() - began
        self.view.wait("账本第一行全部正常", 900.0, self._green)
        self.seconds["账本第一行全部正常，首次装载完成"] = time.monotonic() - began
        self.view.wait("Prometheus 问得到全部、没有告警", 300.0, self.view.monitored)
        self.seconds["Prometheus 问得到全部、没有告警"] = time.monotonic() - began

    def kill(self, services: tuple[str, ...]) -> None:
        """Kill one of each kind while the shop sells evenly."""
        self._shop("orders_per_hour", {"value": PER_HOUR})
        for service in services:
            self.kills.append(kill_one(self.view, service))
            print(self.kills[-1].line(), flush=True)
        self._shop("orders_per_hour", {"value": 120, "rhythm": True})

    def verify(self, name: str) -> None:
        """Compare every row with the shop's truth. Raises LocalError with what it printed when anything differs."""
        began = time.monotonic()
        said = self.engine.compose("run", "--rm", "--no-TTY", "verify", seconds=900.0)
        print("\n".join(line for line in said.splitlines() if "比较" in line or "结果" in line), flush=True)
        self.seconds[name] = time.monotonic() - began
        self._shop("thaw", {})

    def _green(self) -> bool:
        line = self.view.first_line()
        return line.startswith(GREEN) and "首次装载" not in line and flowing(self.view)

    def _shop(self, path: str, body: dict[str, object]) -> None:
        command = ["exec", "--no-TTY", "erp", "python", "-c", _TELL_SHOP, path, json.dumps(body)]
        self.engine.compose(*command)

    def lines(self) -> list[str]:
        """Return the report."""
        lines = [f"{what}：{seconds:.0f} 秒" for what, seconds in self.seconds.items()]
        if self.kills:
            lines += ["| 被杀的容器 | 重新运行 | 最多落后 | 数据恢复流动 | 失败的任务 |", "|---|---|---|---|---|"]
            lines += [kill.line() for kill in self.kills]
        return lines


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        "bench.compose", description="用 docker-compose.yaml 真正构建、启动一套，逐个杀死每种容器，前后逐行比较"
    )
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="Kafka broker 数，默认 1")
    parser.add_argument("--days", type=int, default=1, metavar="天", help="沙箱有多少天的过去，默认 1")
    parser.add_argument("--only", nargs="*", choices=SERVICES, metavar="服务", help=f"只杀这些：{'、'.join(SERVICES)}")
    parser.add_argument("--port", type=int, default=19080, help="Airflow 的端口；下一个给 ClickHouse，默认 19080")
    parser.add_argument("--keep", action="store_true", help="结束后不停止，留着看")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    options = parser.parse_args(arguments)
    engine = Engine()
    drill = None
    try:
        drill = ComposeDrill(engine, write_files(options.brokers, options.days, options.port))
        drill.seconds |= {f"构建 {name}": seconds for name, seconds in build_all(engine).items()}
        engine.serve()
        drill.start()
        drill.verify("逐行比较，杀死之前")
        drill.kill(tuple(options.only) if options.only is not None else SERVICES)
        drill.verify("逐行比较，杀死之后")
        good = all(kill.good for kill in drill.kills)
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        good = False
    finally:
        if drill is not None:
            print("\n".join(drill.lines()), flush=True)
            drill.view.keep_logs()
            if not options.keep:
                engine.compose("down", "--volumes", "--timeout", "5", seconds=300.0, ok=(0, 1))
        engine.close()
    if options.json and drill is not None:
        found = {"seconds": drill.seconds, "kills": [asdict(kill) for kill in drill.kills], "good": good}
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"结果：{'✓' if good else '✗'}（日志在 {FOLDER}）")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
