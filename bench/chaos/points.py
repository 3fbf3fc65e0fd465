"""Where it strikes: the points of a plan's way through the system, and the deck of strikes a seed deals."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product
from typing import Literal

from bench.instruments.kill_result import STAGES
from bench.instruments.live_tables import LIVE

Phase = Literal["before", "during", "within", "after"]
"""Of a call: before it, at some moment of it, after one statement of its transaction, after it returned."""

WORKER = "worker"
SERVERS = ("kafka", "clickhouse", "postgres")
VICTIM_TITLES = {WORKER: "任务进程", "kafka": "Kafka", "clickhouse": "ClickHouse", "postgres": "PostgreSQL"}
PHASE_TITLES = {"before": "之前", "during": "进行中", "within": "事务第 {} 句后", "after": "之后"}


@dataclass(frozen=True, slots=True)
class Point:
    """A call of a task of ``role``. ``statements``: how many its transaction has at least, 0 where it is none.
    ``needs``: what the source must do so that it is reached: have a ``bad`` record, or ``sleep``. ``once``: a task
    comes there a single time."""

    name: str
    title: str
    role: str
    stage: str
    statements: int = 0
    needs: Literal["", "bad", "sleep"] = ""
    modules: tuple[str, ...] = LIVE
    once: bool = False

    @property
    def phases(self) -> tuple[Phase, ...]:
        return ("before", "within", "within", "during", "after") if self.statements else ("before", "during", "after")


_ORDERS, _DIMENSIONS, _WITH_MARTS = ("sale_out",), ("sku",), ("sale_out", "after_sale")
POINTS = (
    Point("look", "看有没有变更", "watch", "watch", needs="sleep"),
    Point("quiet", "记下空窗口已证明", "watch", "watch", statements=2, needs="sleep"),
    Point("plan", "写下计划", "pull", "ledger", statements=1),
    Point("begin", "写下新的尝试", "pull", "ledger", statements=1),
    Point("page", "读一页", "pull", "pull"),
    Point("page", "读一页", "initial", "pull", modules=_DIMENSIONS),
    Point("page", "读一页", "refresh", "pull", modules=_DIMENSIONS, once=True),
    Point("send", "把记录交给 producer", "pull", "produce"),
    Point("flush", "等 Kafka 确认", "pull", "produce"),
    Point("letter", "等 Kafka 确认死信", "pull", "produce", needs="bad", modules=_ORDERS, once=True),
    Point("index", "登记死信", "pull", "ledger", statements=1, needs="bad", modules=_ORDERS, once=True),
    Point("receipt", "写回执、推进读水位", "pull", "ledger", statements=5),
    Point("receipt", "写回执", "initial", "ledger", statements=5, modules=_DIMENSIONS),
    Point("end", "写下本班结束", "pull", "ledger", statements=1, needs="sleep", once=True),
    Point("read", "从 Kafka 读批次", "load", "load"),
    Point("raw", "写 ods", "load", "load"),
    Point("clean", "写 dwd", "load", "load"),
    Point("clean", "写 dwd", "refresh", "load", modules=_DIMENSIONS, once=True),
    Point("widen", "写 dws", "load", "widen"),
    Point("widen", "写 dim", "refresh", "widen", modules=_DIMENSIONS, once=True),
    Point("widen", "写汇总表", "marts", "widen", modules=("",)),
    Point("mark", "写下宽表行所在的业务日", "load", "ledger", statements=1, modules=_WITH_MARTS),
    Point("loaded", "写下已装载、推进完整水位", "load", "ledger", statements=3),
)
ROUND = len(POINTS) + len(STAGES) * len(SERVERS)


@dataclass(frozen=True, slots=True)
class Strike:
    """The ``nth`` time the task comes to the point, ``victim`` is killed; ``delay``: seconds into a call, ``statement``
    of a transaction. ``down``: seconds a server stays away before it is started again."""

    number: int
    point: Point
    module: str
    phase: Phase
    victim: str
    nth: int
    delay: float
    statement: int
    down: float

    def __str__(self) -> str:
        place = f"{self.point.role} {self.module} {self.point.title}{PHASE_TITLES[self.phase].format(self.statement)}"
        return f"{VICTIM_TITLES[self.victim]} ← {place}（{self.point.stage}/{self.point.name}）"


def deal(seed: int, kills: int) -> list[Strike]:
    """Deal the strikes of a seed, in rounds: the tasks' processes at every point, every server at every stage. What
    falls into the first load comes first."""
    rng = random.Random(seed)
    hands = [hand for _ in range(-(-kills // ROUND)) for hand in _round(rng)][:kills]
    hands.sort(key=lambda hand: hand[0].role != "initial")
    return [_strike(rng, number, *hand) for number, hand in enumerate(hands, 1)]


def _round(rng: random.Random) -> list[tuple[Point, str]]:
    hands = [(point, WORKER) for point in POINTS]
    for stage, server in product(STAGES, SERVERS):
        hands.append((rng.choice([point for point in POINTS if point.stage == stage]), server))
    rng.shuffle(hands)
    return hands


def _strike(rng: random.Random, number: int, point: Point, victim: str) -> Strike:
    return Strike(
        number=number,
        point=point,
        module=rng.choice(point.modules),
        phase=rng.choice(point.phases),
        victim=victim,
        nth=rng.randint(1, 1 if point.once else 2),
        delay=rng.uniform(0.0, 0.03),
        statement=rng.randint(1, max(1, point.statements)),
        down=rng.uniform(0.0, 2.0),
    )
