"""Times and numbers as people say them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from jst.clock import SHANGHAI
from jst.model.module import load_module, module_names
from jst.model.words import PLAN_STATE_TITLES

_STATES = {str(state): said for state, said in PLAN_STATE_TITLES.items()}
_PLAN_STANDS = re.compile(rf"(\S+) ({'|'.join(_STATES)})(?=：|$)")
_NAMES_AT_MOST = 4


def title(module: str) -> str:
    """Return 销售出库; a module whose file is gone keeps its name."""
    return _titles().get(module, module)


@cache
def _titles() -> dict[str, str]:
    return {name: load_module(name).title for name in module_names()} | {"marts": "汇总表"}


def named(module: str) -> str:
    """Return 销售出库 sale_out."""
    return f"{title(module)} {module}" if title(module) != module else module


def titles(modules: Iterable[str]) -> str:
    """Return 销售出库、库存; of more than four the first four, and how many there are."""
    names = list(map(title, modules))
    return "、".join(names[:_NAMES_AT_MOST]) + (f"等 {len(names)} 个" if len(names) > _NAMES_AT_MOST else "")


def in_short(what: str) -> str:
    """Return what happened without what only an engineer asks for: HTTP 500, an exception's name, the tries."""
    bare = re.sub(r"^任务 \S+ 失败：", "", what)
    return re.split("[（：]|，共试", bare, maxsplit=1)[0] or what


def reason_of(reason: str) -> str:
    """Return why a watermark stands: 计划 sale_out-7 待拉取."""
    return _PLAN_STANDS.sub(lambda it: f"计划 {it[1]} {_STATES[it[2]]}", reason, count=1)


def lasting(seconds: float) -> str:
    """Format seconds as 4 秒 · 3 分 5 秒 · 25 分 · 2 小时 10 分 · 3 天 4 小时; a smaller unit only where it helps."""
    rounded = max(0, round(seconds))
    for size, unit, smaller, its_unit in ((86400, "天", 3600, "小时"), (3600, "小时", 60, "分"), (60, "分", 1, "秒")):
        if rounded >= size:
            rest = rounded % size // smaller if rounded < 10 * size else 0
            return f"{rounded // size} {unit}" + (f" {rest} {its_unit}" if rest else "")
    return f"{rounded} 秒"


def clock(moment: datetime, now: datetime) -> str:
    """Format the time in Shanghai, with its day when that is not today's."""
    here, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    if here.date() == today:
        return f"{here:%H:%M:%S}"
    return f"{here:%m-%d %H:%M:%S}" if abs(here.date() - today) < timedelta(days=300) else f"{here:%Y-%m-%d %H:%M:%S}"


def window(start: datetime, end: datetime, now: datetime) -> str:
    """Format 18:53:30 – 18:53:32; the day stands once."""
    same_day = start.astimezone(SHANGHAI).date() == end.astimezone(SHANGHAI).date()
    ending = f"{end.astimezone(SHANGHAI):%H:%M:%S}" if same_day else clock(end, now)
    return f"{clock(start, now)} – {ending}"


def amount(exact: str) -> str:
    """Format 1234.5000 as 1,234.50: thousands apart, nothing rounded away."""
    value = Decimal(exact)
    cents = value.quantize(Decimal("0.01"))
    return f"{cents if cents == value else value.normalize():,}"


def advice(sentence: str) -> tuple[str, str]:
    """Split an error's sentence into what happened and what to do; the second is empty where it gives no advice."""
    what, _, do = sentence.partition("处理：")
    return what.strip().rstrip("。；，"), do.strip()
