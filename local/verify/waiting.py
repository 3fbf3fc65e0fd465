"""Waiting until the feed has caught up with a source that stands still."""

from __future__ import annotations

import time
from collections.abc import Callable

from local.verify.control import Control, Standing
from local.verify.problem import CannotCompare

_LOOK_EVERY, _TELL_EVERY = 0.5, 5.0


def until_caught_up(control: Control, module: str, newest: str, seconds: float, say: Callable[[str], None]) -> Standing:
    """Until the read watermark has passed ``newest`` and nothing is planned or pulled; raises CannotCompare when that
    takes longer than ``seconds``."""
    began = told = time.monotonic()
    while True:
        standing = control.standing(module)
        if standing.start and standing.read > newest and not standing.planned and not standing.pulled:
            return standing
        now = time.monotonic()
        if now - began >= seconds:
            raise CannotCompare(
                f"{seconds:.0f} 秒内 {module} 没有跟上源端最新变更 {newest or '（无）'}：{_where(standing)}。"
                "看 make status 与 Airflow 里的任务，或用 --wait 等久一些"
            )
        if now - told >= _TELL_EVERY:
            told = now
            say(f"  … 等待 {module} 通过 {newest}（{now - began:.0f} 秒）：{_where(standing)}")
        time.sleep(_LOOK_EVERY)


def _where(standing: Standing) -> str:
    read = standing.read or "还没有"
    return f"read watermark {read}，待拉取 planned {standing.planned}，待装载 pulled {standing.pulled}"
