"""The killing of a running stack: scheduler, triggerer, task processes and servers at the worst moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

import httpx

from bench.instruments.kill_result import STAGES, Result, StrikeOutcome, unproven
from bench.instruments.live_tables import LIVE
from bench.instruments.sandbox_shop import SandboxShop
from bench.instruments.source_faults import FAULTS, STORM
from bench.kills.drill import KillDrill, KillOutcome
from bench.kills.stage_watch import StageWatch
from bench.kills.victims import Victim, logged_in, victims
from local import report
from local.layout import Layout, LocalError

PATIENCE, LONGEST, SETTLE, NEXT_TURN, LOOK_EVERY = 15.0, 180.0, 60.0, 360.0, 0.005
_TASKS = {"pull": "pull", "produce": "pull", "load": "load", "widen": "load"}
_SERVERS = ("scheduler", "triggerer", "kafka", "clickhouse", "postgres")
_RARE = ("dag-processor", "api-server", "worker")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Aim:
    """Kill ``victim`` while ``module`` is in the middle of ``stage``; 'watch': while every feed waits for changes."""

    number: int
    victim: str
    stage: str
    module: str


def deal(seed: int, kills: int) -> list[Aim]:
    """Every stage × every victim comes before any of them comes again; other processes and a sleeping triggerer once
    in such a round."""
    rng = random.Random(seed)
    aims: list[tuple[str, str]] = []
    while len(aims) < kills:
        stages = [stage for stage in STAGES if stage != "watch"]
        cells = [(victim, stage) for victim, stage in product(_SERVERS, stages)]
        cells += [(_TASKS.get(stage) or rng.choice(("pull", "load")), stage) for stage in stages]
        cells += [("triggerer", "watch"), *((victim, rng.choice(stages)) for victim in _RARE)]
        rng.shuffle(cells)
        aims += cells
    return [Aim(number, *aim, rng.choice(LIVE)) for number, aim in enumerate(aims[:kills], 1)]


def run_kills(layout: Layout, seed: int, kills: int, say: Say) -> Result:
    """Kill ``kills`` times on the running stack of ``layout``; raises LocalError when it never gets well again."""
    began = time.monotonic()
    environment = report.environment(layout, sandbox=True)
    result = Result(seed, environment["JST_DIALECT"])
    since, rng = datetime.now(UTC).isoformat(), random.Random(seed)
    with ExitStack() as stack:
        shop = stack.enter_context(closing(SandboxShop(environment)))
        airflow = stack.enter_context(closing(logged_in(environment)))
        stage_watch = stack.enter_context(closing(StageWatch(environment)))
        erp = stack.enter_context(httpx.Client(base_url=f"{environment['JST_ERP_URL']}/sandbox", trust_env=False))
        drill = KillDrill(layout, shop, airflow)
        known = {(module, each.name): each for module in LIVE for each in victims(layout, airflow, module)}
        drill.until_well()
        for aim in deal(seed, kills):
            faults = FAULTS | (STORM if rng.random() < 0.2 else {})
            erp.put("/faults", json=faults).raise_for_status()
            result.outcomes.append(_strike(drill, shop, stage_watch, known[aim.module, aim.victim], aim))
            say(result.outcomes[-1].line(aim.number, kills))
        result.verified = subprocess.run([sys.executable, "-m", "local.verify", "--freeze", "--wait", "300"]).returncode
        erp.put("/faults", json={}).raise_for_status()
        give_up = time.monotonic() + SETTLE
        while (found := unproven(environment["JST_CONTROL_DSN"]))[0] and time.monotonic() < give_up:
            time.sleep(1.0)
        result.unproven, result.letters = found
        shop.frozen(False)
        failed, result.trouble = _left(drill, since)
        result.ends.update(f"{run['dag_id']} failed" for run in failed)
    result.seconds = time.monotonic() - began
    return result


def _left(drill: KillDrill, since: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Failed runs, and what does not come right by itself: what runs by the clock has its next turn to do so."""
    give_up = time.monotonic() + NEXT_TURN
    while (found := drill.need_a_hand(since))[1] and time.monotonic() < give_up:
        time.sleep(5.0)
    return found


def _strike(drill: KillDrill, shop: SandboxShop, stage_watch: StageWatch, victim: Victim, aim: Aim) -> StrikeOutcome:
    began = time.monotonic()
    if aim.stage == "watch":
        drill.until_asleep()
    pid, met = _kill(victim, stage_watch, aim, shop)
    killed, reached = time.time(), time.monotonic() - began
    shop.frozen(False)
    seen = drill.watch(victim, pid, killed)
    note = "" if met else f"{PATIENCE:.0f} 秒内没有等到这一刻，随时杀的"
    return StrikeOutcome(
        f"{victim.title} ← {aim.module} {aim.stage}", aim.stage, aim.victim, reached, *_times(seen), note
    )


def _times(seen: KillOutcome) -> tuple[float | None, float | None]:
    return seen.back, seen.all_flow if seen.back is not None else None


def _kill(victim: Victim, stage_watch: StageWatch, aim: Aim, shop: SandboxShop) -> tuple[int, bool]:
    """Kill the victim; returns the process id it had, and whether the moment came. The id is looked for beforehand:
    Airflow answers more slowly than moments pass."""
    began, looked, pid = time.monotonic(), 0.0, 0
    if aim.stage != "watch":
        shop.touch()
    while (waited := time.monotonic() - began) < LONGEST:
        if time.monotonic() - looked > 2.0:
            looked, pid = time.monotonic(), victim.find()
        met = bool(pid) and (aim.stage == "watch" or stage_watch.is_now(aim.stage, aim.module))
        if pid and (met or waited > PATIENCE):
            try:
                os.kill(pid, signal.SIGKILL)
                return pid, met
            except ProcessLookupError:  # a task that has ended meanwhile
                looked = 0.0
        time.sleep(LOOK_EVERY)
    raise LocalError(f"{LONGEST:.0f} 秒内找不到 {victim.title} 的进程")
