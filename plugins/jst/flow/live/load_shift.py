"""The loading half of a live feed's run. It shares nothing with the pulling half but the control database."""

from __future__ import annotations

import logging
from collections.abc import Callable

from jst.clock import Clock
from jst.control.holds import Holds
from jst.control.troubles import PATIENCE_SECONDS, TaskTrouble
from jst.errors import Retry
from jst.flow.load import Loader

log = logging.getLogger(__name__)


class LoadShift:
    """Loads whatever lies in Kafka until the run's pull has ended."""

    def __init__(self, loader: Loader, feeds: Holds, clock: Clock, run_id: str) -> None:
        self._loader, self._feeds, self._clock, self._run_id = loader, feeds, clock, run_id
        self._trouble = TaskTrouble(feeds.troubles, loader.module.name, "load", run_id)
        self._last_success = clock.monotonic()

    def run(
        self, pull_is_running: Callable[[], bool], *, ask_every: float = 5.0, pace: float = 0.2, linger: float = 0.0
    ) -> dict[str, int]:
        """Load until the pull has ended and nothing is left; returns the records loaded as ``rows``.

        ``pull_is_running`` asks Airflow, because a killed pull writes nothing; it is called every ``ask_every``
        seconds. ``pace``: seconds to wait when there was nothing to load. ``linger``: seconds to go on loading after
        the pull, whatever run pulled it: the next run's load may start later than its pull. Raises Retry when nothing
        could be loaded for 90 s, in this run or since an earlier one."""
        started, module = self._clock.now(), self._loader.module.name
        asked, rows = self._clock.monotonic(), 0
        over, ended_at = False, 0.0
        while True:
            loaded = self._load_patiently()
            rows += loaded
            if loaded or self._trouble.stands:
                continue
            if over and self._clock.monotonic() - ended_at >= linger:
                log.info("本班装载结束：%d 条记录", rows)
                return {"rows": rows}
            self._clock.sleep(pace)
            if over:
                continue
            # "Ended" counts only when it was written after this task began: an older one is from before a clear.
            ended = self._feeds.shift_ended(module, self._run_id)
            over = ended is not None and ended > started
            if not over and self._clock.monotonic() - asked > ask_every:
                asked = self._clock.monotonic()
                over = not pull_is_running()
            ended_at = self._clock.monotonic()

    def _load_patiently(self) -> int:
        """Load what waits; 0 also when that failed and is to be tried again, a little later."""
        try:
            loaded = self._loader.load_waiting()
        except Retry as trouble:
            lasting = self._clock.monotonic() - self._last_success
            if self._trouble.note(trouble, lasting) > PATIENCE_SECONDS:
                raise
            log.warning("%s；稍后重试", trouble)
            self._clock.sleep(trouble.after)
            return 0
        self._trouble.over()
        self._last_success = self._clock.monotonic()
        return loaded
