"""Loading again what lies in Kafka: after a changed rule, or into an empty warehouse. The source is not asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from jst.clock import Clock, about_minutes
from jst.control.replay_progress import ReplayLog, ReplayProgress, count
from jst.errors import Misconfigured
from jst.kafka.exact_reader import Expired
from jst.kafka.retained import Retained
from jst.model.module import Module
from jst.model.plan import Offsets

log = logging.getLogger(__name__)
RECORDS_AT_ONCE = 5_000
PAUSE_SECONDS = 0.2
"""Pause between two chunks: a loader that waits for the lock tries every 0.05 s, and gets its turn here."""
USUAL_RECORDS_PER_SECOND = 2_000.0
"""Assumed speed, before a replay has been measured here."""
AskRetained = Callable[[datetime | None, datetime | None], Retained]


class Replayer(Protocol):
    """Loads a module's records once more; returns rows written. Raises Expired when Kafka no longer has them."""

    module: Module

    def replay(self, offsets: Offsets) -> int: ...


class KafkaReplay:
    """Replays one module's records of one run. ``ask_retained``: what Kafka still has of a range of time."""

    def __init__(
        self, loader: Replayer, rebuilds: ReplayLog, ask_retained: AskRetained, clock: Clock, run_id: str
    ) -> None:
        self._loader, self._rebuilds, self._ask_retained, self._clock = loader, rebuilds, ask_retained, clock
        self._module, self._run_id = loader.module, run_id

    def describe(self, since: datetime | None, until: datetime | None) -> list[str]:
        """Return what ``run`` would do: topic, offsets, records, minutes; nothing is written."""
        kept = self._ask_retained(since, until)
        records, pace = count(kept.offsets), self._rebuilds.pace(self._module.name)
        origin = "上次重放的速度" if pace else "未测过，按经验值"
        lines = [f"{self._module.name}：Kafka topic {self._module.topic}，{_span(since, until)}，{_since(kept)}"]
        lines += [
            f"  partition {partition}：offset {first:,} … {end:,}，{end - first:,} 条"
            for partition, (first, end) in sorted(kept.offsets.items())
        ]
        needed = about_minutes(records / (pace or USUAL_RECORDS_PER_SECOND) / 60)
        lines.append(f"  共 {records:,} 条，{needed}（{origin}；另加启动约 1 分钟）")
        return lines + ([f"  注意：{_gone(self._module.topic, kept)}"] if kept.gone else [])

    def run(self, since: datetime | None, until: datetime | None) -> dict[str, int]:
        """Replay the range chunk by chunk; a killed run goes on, one that came to its end begins again.

        Raises Misconfigured when Kafka no longer has the beginning of the range, Retry when a server is away.
        """
        return self._work_off(self._begin(since, until))

    def follow(self, since: datetime) -> dict[str, int]:
        """Replay what Kafka has from ``since`` up to its end; called again, from where the last call ended.

        For a caller who makes sure by other means that nothing is missing. Raises Retry when a server is away.
        """
        known = self._rebuilds.standing(self._run_id, self._module.name)
        if known is None:
            kept = self._ask_retained(since, None)
            return self._work_off(self._rebuilds.start(self._run_id, self._module.name, kept.offsets))
        ends = {partition: end for partition, (_, end) in self._ask_retained(None, None).offsets.items()}
        return self._work_off(self._rebuilds.extend(self._run_id, self._module.name, ends))

    def _work_off(self, progress: ReplayProgress) -> dict[str, int]:
        began, already, rows = self._clock.monotonic(), progress.done, 0
        while progress.left:
            chunk = next_chunk(progress.left)
            rows += self._replay(chunk)
            self._rebuilds.advance(self._run_id, self._module.name, chunk)
            progress = ReplayProgress(progress.whole, without(progress.left, chunk))
            seconds = self._clock.monotonic() - began
            log.info("%s", _progress(self._module.name, progress, progress.done - already, seconds))
            self._clock.sleep(PAUSE_SECONDS)
        return {"records": progress.records, "rows": rows}

    def _begin(self, since: datetime | None, until: datetime | None) -> ReplayProgress:
        known = self._rebuilds.standing(self._run_id, self._module.name)
        if known is not None and known.left:
            log.info("接着上次重放 %s：已完成 %d/%d 条", self._module.name, known.done, known.records)
            return known
        if known is not None:
            log.info("本次运行已重放完 %s：清除后按同样的 offset 再做一遍", self._module.name)
            return self._rebuilds.start(self._run_id, self._module.name, known.whole)
        kept = self._ask_retained(since, until)
        if kept.gone:
            raise Misconfigured(
                _gone(self._module.topic, kept),
                do="把起点改晚，或把起点留空（重放 Kafka 里现存的全部）再触发；更早的数据只能用 jst_backfill 回填",
            )
        log.info("重放 %s：%s，%s，%d 条", self._module.name, _span(since, until), _since(kept), count(kept.offsets))
        return self._rebuilds.start(self._run_id, self._module.name, kept.offsets)

    def _replay(self, chunk: Offsets) -> int:
        try:
            return self._loader.replay(chunk)
        except Expired as gone:
            raise Misconfigured(
                f"重放 {self._module.name} 中途，Kafka 已经删掉了还没有重放的记录（offset {_offsets_text(chunk)}）",
                do="重新触发一次，起点留空（Kafka 里现存的全部）；丢掉的那一段只能用 jst_backfill 回填",
            ) from gone


def next_chunk(left: Offsets) -> Offsets:
    """Return the next 5,000 offsets at most, a share of every partition, so that all of them move on through time."""
    share = max(1, RECORDS_AT_ONCE // len(left))
    return {partition: (first, min(end, first + share)) for partition, (first, end) in left.items()}


def without(left: Offsets, chunk: Offsets) -> Offsets:
    """Return what is left after ``chunk``; partitions that are done are not in it."""
    moved = {partition: (chunk[partition][1], end) for partition, (_, end) in left.items()}
    return {partition: (first, end) for partition, (first, end) in moved.items() if first < end}


def _span(since: datetime | None, until: datetime | None) -> str:
    start = f"写入 Kafka 的时间从 {since:%F %T} " if since else "从 Kafka 现存最早的记录"
    return f"{start}到 {until:%F %T}" if until else f"{start}到现在"


def _since(kept: Retained) -> str:
    return f"现存最早的记录是 {kept.oldest:%F %T}" if kept.oldest else "topic 是空的"


def _gone(topic: str, kept: Retained) -> str:
    oldest = f"只剩 {kept.oldest:%F %T} 之后的" if kept.oldest else "一条也不剩"
    return f"Kafka topic {topic} 里这段时间的开头已经过期（保留 7 天）：{oldest}"


def _offsets_text(chunk: Offsets) -> str:
    return "，".join(f"{partition}:{first}–{end}" for partition, (first, end) in sorted(chunk.items()))


def _progress(module: str, progress: ReplayProgress, fresh: int, seconds: float) -> str:
    left = (progress.records - progress.done) * seconds / fresh if fresh else 0.0
    return (
        f"重放 {module}：{progress.done:,}/{progress.records:,} 条（{progress.done / progress.records:.1%}），"
        f"已用 {seconds:.0f} 秒，预计还需 {left:.0f} 秒"
    )
