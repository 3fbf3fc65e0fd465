"""Waiting until the feeds have caught up with a source that stands still."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from local.verify.control import Control, Standing
from local.verify.problem import CannotCompare

_LOOK_EVERY, _TELL_EVERY = 0.5, 5.0


class Patience:
    """One limit for everything that is waited for; ``say`` gets every few seconds what that is."""

    def __init__(self, seconds: float, say: Callable[[str], None]) -> None:
        self.seconds, self._say = seconds, say
        self._began = self._told = time.monotonic()

    def spent(self, waiting_for: str) -> bool:
        """Whether it is over; else a short sleep."""
        now = time.monotonic()
        if now - self._began >= self.seconds:
            return True
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self._say(f"  … 等待 {waiting_for}（{now - self._began:.0f} 秒）")
        time.sleep(_LOOK_EVERY)
        return False


def until_caught_up(control: Control, newest: Mapping[str, str], patience: Patience) -> None:
    """Until each module's read watermark has passed its ``newest`` and nothing of it but the first load is planned or
    pulled; raises CannotCompare naming those that have not when patience is over first."""
    while behind := _behind(control, newest):
        where = "；".join(behind)
        if patience.spent(where):
            raise CannotCompare(
                f"{patience.seconds:.0f} 秒内没有跟上源端最新变更：{where}。"
                "看 make status 与 Airflow 里的任务，或用 --wait 等久一些"
            )


def until_loaded(control: Control, module: str, patience: Patience) -> Standing:
    """Return where a module stands of which nothing but the first load is planned or pulled: all up to its read
    watermark is in the table then. Raises CannotCompare when patience is over first."""
    while (standing := control.standing(module)).planned or standing.pulled:
        where = f"{module} 的待拉取 planned {standing.planned}，待装载 pulled {standing.pulled}"
        if patience.spent(where):
            raise CannotCompare(
                f"{patience.seconds:.0f} 秒内没有装载完：{where}。看 Airflow 里的 jst_dimensions，或用 --wait 等久一些"
            )
    return standing


def until_first_loaded(control: Control, modules: Sequence[str], patience: Patience) -> None:
    """Until no plan of the first load is unfinished; raises CannotCompare naming the modules that still have some when
    patience is over first."""
    while left := first_load_left(control, modules):
        if patience.spent("；".join(left)):
            raise CannotCompare(
                f"{patience.seconds:.0f} 秒内没有等到全部数据：{'；'.join(left)}。用 --wait 等久一些；"
                "不带 --freeze 再运行一次则只比较实时流负责的部分"
            )


def first_load_left(control: Control, modules: Sequence[str]) -> list[str]:
    """List a phrase per module whose first load is under way."""
    counts = ((module, control.standing(module).initial) for module in modules)
    return [f"{module} 的首次装载还差 {count} 个计划" for module, count in counts if count]


def _behind(control: Control, newest: Mapping[str, str]) -> list[str]:
    """Where each module stands that has not caught up."""
    return [
        f"{module} 的 read watermark {standing.read or '还没有'}，源端 {until or '没有变更'}，"
        f"待拉取 planned {standing.planned}，待装载 pulled {standing.pulled}"
        for module, until in newest.items()
        if not _passed(standing := control.standing(module), until)
    ]


def _passed(standing: Standing, newest: str) -> bool:
    return bool(standing.start and standing.read > newest and not standing.planned and not standing.pulled)
