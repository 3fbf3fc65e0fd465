"""The commands behind make: up, status, logs, down, clean, env. Runs in the project's virtual environment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from jst.ledger.titles import advice, in_short, named
from local import report
from local.first_cycle import Look, lift_holds, look, missing, stopped
from local.free_ports import check_ports
from local.layout import ROOT, TOOLS, Layout, LocalError, Ports, python_environment
from local.services import backups, monitoring, source
from local.services.process import shown
from local.supervise.settings import changes, fingerprints, moved_ports
from local.supervise.start_order import has_sandbox
from local.supervise.state import State, is_alive

_STANDSTILL_SECONDS, _TELL_EVERY = 600.0, 3.0


def main(arguments: list[str]) -> int:
    commands = {"up": up, "status": status, "logs": logs, "down": down, "clean": clean, "env": env,
                "backup": backup, "restore": restore}  # fmt: skip
    try:
        return commands[arguments[0]](*arguments[1:])
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1


def up() -> int:
    """Start what does not run, then wait until every module works."""
    layout = current_layout()
    dialect = source.chosen_dialect(layout)
    if is_alive(layout):
        for line in _already_running(layout):
            print(line)
    else:
        check_ports(layout)
        source.keep_dialect(layout, dialect)
        _launch(layout)
        try:
            _follow_start(layout)
            lift_holds(layout)
        except KeyboardInterrupt:
            print("\n已中断：停止已启动的部分 …")
            down()
            return 130
    return _wait_for_first_cycle(layout)


def _already_running(layout: Layout) -> Iterator[str]:
    """Say that nothing was done, and which settings of this shell the running stack does not have."""
    state = State.read(layout)
    yield "已经在运行，什么都没有改动。"
    if state is None or state.settings is None:
        return
    changed = changes(state.settings, fingerprints(layout, os.environ))
    changed += moved_ports(state.ports, Ports.from_environment(os.environ))
    if changed:
        yield f"  ! 启动之后环境变量变了，还没有生效：{'、'.join(changed)}"
        yield "    要采用现在的值：make down && make up（数据保留）；要沿用启动时的值：不必做什么"


def status() -> int:
    layout = current_layout()
    for line in report.status(layout, State.read(layout), is_alive(layout)):
        print(line)
    return 0


def logs(name: str = "") -> int:
    """Follow all logs or one of them."""
    folder = current_layout().logs
    known = sorted(path.stem for path in folder.glob("*.log"))
    if not known:
        raise LocalError("还没有日志：先运行 make up")
    if name and name not in known:
        raise LocalError(f"没有名为 {name} 的日志，可选：{'、'.join(known)}")
    os.execvp(
        "tail", ["tail", "-n", "40", "-F", *(str(folder / f"{each}.log") for each in ([name] if name else known))]
    )


def down() -> int:
    """Stop everything and keep the data."""
    layout = current_layout()
    state = State.read(layout)
    if not is_alive(layout) or state is None:
        print("没有在运行。")
        return 0
    began = time.monotonic()
    while is_alive(layout):
        # repeated, because a supervisor that has only just been born may not have written its number yet
        state = State.read(layout) or state
        _ask_to_end(state.supervisor)
        time.sleep(0.3)
        if time.monotonic() - began > 120:
            raise LocalError(f"监管进程 {state.supervisor} 在 120 秒内没有结束，请查看 .local/logs/supervisor.log")
    print(f"已全部停止（{time.monotonic() - began:.1f} 秒），数据保留在 {shown(layout.data)}。")
    return 0


def clean() -> int:
    """Stop everything and remove data, logs and secrets; installed tools stay."""
    down()
    for name in ("data", "logs", "run", "test"):
        shutil.rmtree(TOOLS / name, ignore_errors=True)
    (TOOLS / "secrets.json").unlink(missing_ok=True)
    print("数据、日志与密钥已删除；工具（.local/.venv、jars、npm）保留。")
    return 0


def backup() -> int:
    """Back the running stack up."""
    layout = current_layout()
    if not is_alive(layout):
        raise LocalError("没有在运行：先运行 make up")
    return backups.save(layout)


def restore(name: str = "newest") -> int:
    """Start with the data of a backup. Raises LocalError when there are data already."""
    layout = current_layout()
    if is_alive(layout) or layout.data.exists():
        raise LocalError("这里已有数据，恢复会把它们全部换掉：先运行 make clean（备份保留在 .local/backups）")
    os.environ[backups.ASKED] = name
    return up()


def env() -> int:
    layout = current_layout()
    state = State.read(layout) if is_alive(layout) else None
    found = report.environment(layout, sandbox=state.sandbox if state else has_sandbox())
    if state and "prometheus" in state.processes:
        found |= monitoring.addresses(layout)
    for name, value in found.items():
        print(f"{name}={value}")
    return 0


def current_layout() -> Layout:
    """Return this clone's installation; a running stack keeps the ports it was started with."""
    layout = Layout.default(os.environ)
    state = State.read(layout)
    return replace(layout, ports=state.ports) if state is not None and is_alive(layout) else layout


def _launch(layout: Layout) -> None:
    layout.logs.mkdir(parents=True, exist_ok=True)
    (layout.run / "state.json").unlink(missing_ok=True)
    with (layout.logs / "supervisor.log").open("ab") as out:
        subprocess.Popen(
            [sys.executable, "-m", "local.supervise.supervisor"],
            env={**os.environ, **python_environment()},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _follow_start(layout: Layout) -> None:
    """Print every start step as it ends; raises LocalError when one fails."""
    told: set[int] = set()
    began = time.monotonic()
    while True:
        state = State.read(layout)
        for number, event in enumerate(state.events if state else ()):
            if event.seconds is not None and number not in told:
                told.add(number)
                print(f"  ✓ {event.title}（{event.note or f'{event.seconds} 秒'}）", flush=True)
        if state is not None and state.phase == "running":
            print(f"全部启动（{time.monotonic() - began:.1f} 秒）", flush=True)
            return
        if not is_alive(layout) and time.monotonic() - began > 5.0:
            state = State.read(layout)
            raise LocalError((state.error if state else "") or "监管进程提前结束，请查看 .local/logs/supervisor.log")
        time.sleep(0.2)


def _wait_for_first_cycle(layout: Layout) -> int:
    """Until this life of the stack has read and loaded every module; a line whenever something moved. Raises LocalError
    when only a person can help, or nothing has moved for long."""
    began = moved = time.monotonic()
    told = ""
    state = State.read(layout)
    since = state.started if state else 0.0
    seen = look(layout)
    while owed := missing(seen, since):
        if causes := stopped(seen, owed):
            raise LocalError(
                "有模块停下了，要人改好才会继续：\n  "
                + "\n  ".join(causes)
                + "\n服务仍在运行。改了环境变量：make down && make up；在别处改好的：自动重试，最长等 5 分钟"
            )
        line = "；".join(_owed(seen, name, what) for name, what in owed.items())
        if line != told and time.monotonic() - moved > _TELL_EVERY:
            print(f"  … {line}（{time.monotonic() - began:.0f} 秒）", flush=True)
            told, moved = line, time.monotonic()
        if time.monotonic() - moved > _STANDSTILL_SECONDS:
            raise LocalError(
                f"{_STANDSTILL_SECONDS:.0f} 秒没有进展：{line}。请打开 Airflow 查看相应 DAG 的任务日志，"
                "或运行 make logs（服务仍在运行，make down 可停止）"
            )
        if not is_alive(layout):
            raise LocalError("等待时全部进程已停止：若不是 make down 所为，请查看 .local/logs/supervisor.log")
        time.sleep(1.0)
        seen = look(layout)
    for text in report.welcome(layout, seen):
        print(text)
    return 0


def _owed(seen: Look, name: str, what: str) -> str:
    load, card = seen.first_loads.get(name), seen.cards().get(name)
    share = f"（{load.share:.0%}）" if load is not None and not load.done else ""
    hold = card.hold if card else None
    return f"{named(name)} {what}{share}" + (
        f"，{report.paused(hold)}：{in_short(advice(hold.reason)[0])}" if hold else ""
    )


def _ask_to_end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
