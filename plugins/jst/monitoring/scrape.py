"""Ask each server once for all that Prometheus is given; one that does not answer keeps nothing else from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock

from jst.clock import Clock
from jst.monitoring.families import Family, Sample, exposition, load_families

log = logging.getLogger(__name__)
Answers = Mapping[str, Sequence[Sample]]
HEARTBEAT = Family(
    "jst_airflow_heartbeat_timestamp_seconds", "Airflow 各组件最近一次心跳：scheduler、triggerer、dag_processor",
    ("component",),
)  # fmt: skip
SOURCE_UP = Family("jst_scrape_source_up", "1：这次问到了它；0：没有答复，它的指标这次都没有", ("source",))
SOURCE_SECONDS = Family("jst_scrape_source_seconds", "这次问它用了多少秒", ("source",))


class Scrape:
    """Asks for one scraper at a time; threads may share it. ``asks``: source → what returns its samples by family."""

    def __init__(self, asks: Mapping[str, Callable[[], Answers]], clock: Clock) -> None:
        self._asks, self._clock = asks, clock
        self._lock = Lock()  # scrapers that pile up before a server that hangs would take all threads

    def text(self) -> str:
        """Return everything in Prometheus' text format. A source that fails is logged and published as not up."""
        with self._lock:
            return exposition(self._families())

    def _families(self) -> Iterator[tuple[Family, Sequence[Sample]]]:
        up, took = [], []
        known = {**load_families(), HEARTBEAT.name: HEARTBEAT}
        for source, ask in self._asks.items():
            began = self._clock.monotonic()
            try:
                for name, found in ask().items():
                    yield known[name], found
                up.append(Sample((source,), 1.0))
            except Exception as error:  # whatever it is, a scrape without the others would say that all are down
                log.warning("监控没有问到 %s：%s", source, " ".join(str(error).split())[:500])
                up.append(Sample((source,), 0.0))
            took.append(Sample((source,), self._clock.monotonic() - began))
        yield SOURCE_UP, up
        yield SOURCE_SECONDS, took
