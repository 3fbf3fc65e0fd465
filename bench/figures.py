"""What a measurement found, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Process:
    """Core-seconds per minute, largest PSS in MB."""

    cpu_per_minute: float
    pss_mb: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds unless said otherwise; shares from 0 to 1; ``never_seen`` of the changes older than 60 s."""

    seconds: float
    orders_per_hour: float
    versions_seen: int
    source_changes: int
    never_seen: list[str]
    p50: float
    p95: float
    p99: float
    longest: float
    above_5: float
    above_60: float
    requests_per_second: float
    refused: int
    looks_failed: int
    processes: dict[str, Process]
    runs: dict[str, int]
    tasks: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterator[str]:
        yield f"新鲜度 freshness，测量 {self.seconds:.0f} 秒（首次看见 − modified；modified 截到整秒，平均多算 0.5 秒）"
        yield (
            f"  p50 {self.p50:.1f} 秒   p95 {self.p95:.1f} 秒   p99 {self.p99:.1f} 秒   最大 {self.longest:.1f} 秒"
            f"   超过 5 秒 {self.above_5:.2%}   超过 60 秒 {self.above_60:.2%}"
        )
        yield (
            f"  看见 {self.versions_seen:,} 个版本；源端变更 {self.source_changes:,} 次（含商品资料；"
            f"同一秒内的多次变更是一个版本），每小时 {self.orders_per_hour:,.0f} 单"
        )
        missing = f"（例如 {'、'.join(self.never_seen[:3])}）" if self.never_seen else ""
        yield f"  早于 60 秒、从未被看见也未被更新版本取代的变更：{len(self.never_seen)} 个{missing}"
        yield from self._process_lines()
        yield f"请求 {self.requests_per_second:.1f} 次/秒，被限流 429 {self.refused} 次"
        yield f"查询宽表失败 {self.looks_failed} 次"
        yield "Airflow 运行：" + _counts(self.runs)
        yield "Airflow 任务：" + _counts(self.tasks)

    def _process_lines(self) -> Iterator[str]:
        yield f"{_pad('进程', 24)}{_right('核秒/分钟', 12)}{_right('PSS MB', 10)}"
        for name, process in self.processes.items():
            yield f"{_pad(name, 24)}{process.cpu_per_minute:12.2f}{process.pss_mb:10.0f}"
        cpu = sum(process.cpu_per_minute for process in self.processes.values())
        pss = sum(process.pss_mb for process in self.processes.values())
        yield f"{_pad('合计', 24)}{cpu:12.2f}{pss:10.0f}"


def _counts(counts: dict[str, int]) -> str:
    return "，".join(f"{name} {count}" for name, count in sorted(counts.items())) or "无"


def _cells(text: str) -> int:
    """Width in a terminal; a Chinese character takes two cells."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(1, width - _cells(text))


def _right(text: str, width: int) -> str:
    return " " * max(1, width - _cells(text)) + text
