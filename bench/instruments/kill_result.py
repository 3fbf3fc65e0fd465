"""What a session of killing gave, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

import psycopg2

from local.report import pad

STAGES = ("watch", "pull", "produce", "load", "widen", "ledger")
"""Of a plan's way through the system, in which something is killed."""


@dataclass(frozen=True, slots=True)
class StrikeOutcome:
    """Seconds: waited for the moment (``reached``), until the victim was ``back`` and until a change made after the
    kill was visible in every live table (``flows``), both from the kill on. None: it never came to that."""

    title: str
    stage: str
    victim: str
    reached: float | None
    back: float | None = None
    flows: float | None = None
    note: str = ""

    @property
    def good(self) -> bool:
        return self.flows is not None

    def line(self, number: int, count: int) -> str:
        if self.reached is None:
            what = "没有走到这一步，没有杀"
        else:
            what = f"等了 {self.reached:.1f} 秒；恢复 {_seconds(self.back)}，数据流动 {_seconds(self.flows)}"
        mark, note = "✓" if self.good else "✗", f"（{self.note}）" if self.note else ""
        return f"  {mark} {number}/{count} {self.title}：{what}{note}"


@dataclass(slots=True)
class Result:
    """``verified``: exit code of local.verify; ``unproven``: plans the system does not hold for proven at the end,
    those with letters apart; ``ends``: how tasks or runs ended; ``trouble``: what should not have happened."""

    seed: int
    dialect: str
    outcomes: list[StrikeOutcome] = field(default_factory=list)
    verified: int = 2
    unproven: list[str] = field(default_factory=list)
    letters: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not (self.verified or self.unproven or self.trouble) and all(each.good for each in self.outcomes)

    def lines(self) -> Iterator[str]:
        """Format a table of stage × victim with kill counts, then what counts."""
        victims = list(dict.fromkeys(each.victim for each in self.outcomes))
        yield "  " + pad("kill -9 次数", 16) + "".join(pad(victim, 15) for victim in victims)
        for stage in STAGES:
            counts = [sum((each.stage, each.victim) == (stage, victim) for each in self.outcomes) for victim in victims]
            yield "  " + pad(stage, 16) + "".join(pad(str(count or "–"), 15) for count in counts)
        flows = [each.flows for each in self.outcomes if each.flows is not None]
        count, bad = len(self.outcomes), [each for each in self.outcomes if not each.good]
        yield (
            f"  {count} 次，{len(bad)} 次没有走到或没有恢复；数据流动 中位 {median(flows or [0]):.1f} 秒，"
            f"最长 {max(flows, default=0):.1f} 秒；共 {self.seconds:.0f} 秒，每次 {self.seconds / count:.1f} 秒"
        )
        ends = "，".join(f"{end} {times}" for end, times in self.ends.most_common())
        yield f"  任务怎样结束：{ends or '无'}；死信 {self.letters} 条"
        yield f"  未证明的计划（死信除外）：{'；'.join(self.unproven) or '无'}"
        yield f"  不该发生的：{'；'.join(self.trouble) or '无'}"
        yield f"{'✓' if self.good else '✗'} {self.dialect}，种子 {self.seed}"


def unproven(dsn: str) -> tuple[list[str], int]:
    """Plans not proven for another reason than their letters; how many letters there are."""
    session = psycopg2.connect(dsn, connect_timeout=5)
    with session, session.cursor() as cur:
        cur.execute(
            """SELECT plan_id, state, plan.reason FROM plan LEFT JOIN receipt USING (plan_id, attempt)
               WHERE state NOT IN ('proven', 'excepted') AND coalesce(letters, 0) = 0 ORDER BY ordinal"""
        )
        plans = [" ".join(row).strip() for row in cur.fetchall()]
        cur.execute("SELECT count(*) FROM letter")
        ((letters,),) = cur.fetchall()
    session.close()
    return plans, letters


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
