"""What a measurement found, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.instruments.percentile import percentile, share_above

OWN, SANDBOX = "本测量 bench", "erp"
NOT_THE_SYSTEM = frozenset({OWN, SANDBOX})
MOST_RUNS_PER_DAY = 300
LIMITS = (5, 15, 60)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """Core-seconds per minute, largest PSS in MB."""

    cpu_per_minute: float
    pss_mb: float


@dataclass(frozen=True, slots=True)
class FeedAges:
    """One live module; seconds, and shares from 0 to 1. ``never_seen``: of the changes older than 60 s. ``runs`` of its
    live DAG began in the period; so many are that ``runs_per_day``."""

    versions_seen: int
    never_seen: list[str]
    p50: float
    p95: float
    p99: float
    longest: float
    above: dict[int, float]
    runs: int
    runs_per_day: float

    @classmethod
    def of(cls, ages: Sequence[float], never_seen: list[str], runs: int, seconds: float) -> FeedAges:
        p50, p95, p99 = (percentile(ages, share) for share in (0.50, 0.95, 0.99))
        above = {limit: share_above(ages, limit) for limit in LIMITS}
        longest = max(ages, default=float("nan"))
        return cls(len(ages), never_seen, p50, p95, p99, longest, above, runs, runs / seconds * DAY)


@dataclass(frozen=True, slots=True)
class Figures:
    """``feeds`` is empty when only the processes were measured; ``refused``: requests over the source's limit."""

    seconds: float
    orders_per_hour: float
    source_changes: int
    requests: int
    refused: int
    processes: dict[str, ProcessUse]
    runs: dict[str, int]
    tasks: dict[str, int]
    feeds: dict[str, FeedAges] = field(default_factory=dict)
    looks_failed: int = 0

    @property
    def complete(self) -> bool:
        """Every change was seen."""
        return not any(feed.never_seen for feed in self.feeds.values())

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "system": asdict(self.system)}

    def lines(self) -> Iterator[str]:
        if self.feeds:
            yield from self._feed_lines()
        yield from self._process_lines()
        share = self.refused / self.requests if self.requests else 0.0
        each_second = self.requests / self.seconds
        yield f"请求 {each_second:.2f} 次/秒，共 {self.requests:,} 次，被限流 {self.refused} 次（{share:.2%}）"
        yield "Airflow 运行：" + _counts(self.runs)
        yield "Airflow 任务：" + _counts(self.tasks)

    def _feed_lines(self) -> Iterator[str]:
        yield f"新鲜度 freshness，测量 {self.seconds:.0f} 秒（首次看见 − modified；modified 截到整秒，平均多算 0.5 秒）"
        titles = ("模块", "p50 秒", "p95 秒", "p99 秒", "最大 秒", *(f"超过 {limit} 秒" for limit in LIMITS))
        yield _row((*titles, "版本", "未看见", "实时运行", "折合每天"))
        for module, feed in self.feeds.items():
            ages = (f"{value:.1f}" for value in (feed.p50, feed.p95, feed.p99, feed.longest))
            above = (f"{share:.2%}" for share in feed.above.values())
            seen = (f"{feed.versions_seen:,}", f"{len(feed.never_seen):,}", str(feed.runs), f"{feed.runs_per_day:.0f}")
            yield _row((module, *ages, *above, *seen))
        for module, feed in self.feeds.items():
            if feed.never_seen:
                yield f"  {module} 未看见的例子：{'、'.join(feed.never_seen[:3])}"
        yield "  版本 = 主键 + modified：同一秒内的多次变更是一个版本"
        yield "  未看见 = 早于 60 秒的变更中，自身与更新的版本都从未被看见的"
        yield f"  折合每天 = 由测量期间开始的实时运行推算，目标 ≤ {MOST_RUNS_PER_DAY}；测得越久越准"
        yield f"源端变更 {self.source_changes:,} 次（全部模块），每小时 {self.orders_per_hour:,.0f} 单"
        yield f"查询宽表失败 {self.looks_failed} 次"

    def _process_lines(self) -> Iterator[str]:
        yield f"{_pad('进程', 24)}{_right('核秒/分钟', 12)}{_right('PSS MB', 10)}"
        for name, process in self.processes.items():
            yield _process(name, process)
        yield _process("合计", _sum(self.processes.values()))
        yield _process("合计，不含沙箱与本测量", self.system)

    @property
    def system(self) -> ProcessUse:
        """All that a real source would leave running."""
        return _sum(process for name, process in self.processes.items() if name not in NOT_THE_SYSTEM)


def _sum(processes: Iterable[ProcessUse]) -> ProcessUse:
    every = list(processes)
    return ProcessUse(sum(one.cpu_per_minute for one in every), sum(one.pss_mb for one in every))


def _process(name: str, process: ProcessUse) -> str:
    return f"{_pad(name, 24)}{process.cpu_per_minute:12.2f}{process.pss_mb:10.0f}"


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return _pad(first, 12) + "".join(_right(cell, 12) for cell in rest)


def _counts(counts: Mapping[str, int]) -> str:
    return "，".join(f"{name} {count}" for name, count in sorted(counts.items())) or "无"


def _cells(text: str) -> int:
    """Width in a terminal; a Chinese character takes two cells."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(1, width - _cells(text))


def _right(text: str, width: int) -> str:
    return " " * max(1, width - _cells(text)) + text
