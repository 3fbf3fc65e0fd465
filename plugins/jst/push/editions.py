"""The editions of the push, as ``include/config/push.yaml`` names them, and the business days they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from jst.boards.board_spec import load_boards
from jst.clock import SHANGHAI
from jst.errors import Misconfigured
from jst.messages.channels import channels
from jst.metrics.catalogue import load_catalogue
from jst.model.module import INCLUDE, read_facts

AT = time(8, 30)
"""When editions are due, in Shanghai: also the schedule of the DAG."""
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MONDAY = 0
PeriodKind = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Span:
    """Business days, first and last included; ``called`` as people call the like of it."""

    first: date
    last: date
    called: str = ""

    def days(self) -> list[date]:
        """List them."""
        return [self.first + _DAY * number for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is unusual: a figure larger than ``above``, or smaller by the share ``fall`` than the one before; of every
    shop or of all together. ``least``: metric and how much of it there must be, () for any."""

    metric: str
    words: str
    by_shop: bool
    above: Decimal | None
    fall: Decimal | None
    least: tuple[str, Decimal] | None


@dataclass(frozen=True, slots=True)
class Edition:
    """A report: one text and the pictures of its boards, once per business day it ends with."""

    name: str
    title: str
    period: PeriodKind
    channels: tuple[str, ...]
    viewer: str
    boards: tuple[str, ...]
    metrics: tuple[str, ...]
    unusual: tuple[Threshold, ...] = ()
    not_on: tuple[date, ...] = ()

    def is_due(self, on: date) -> bool:
        """Say whether it goes out on a day."""
        right = self.period == "day" or (on.weekday() == _MONDAY if self.period == "week" else on.day == 1)
        return right and on not in self.not_on

    def span(self, on: date) -> Span:
        """Return what it is about when it goes out on a day."""
        last = on - _DAY
        if self.period == "day":
            return Span(last, last)
        return Span(last - _WEEK + _DAY, last) if self.period == "week" else Span(last.replace(day=1), last)

    def compared(self, on: date) -> list[Span]:
        """Return what it is compared with; thresholds with the last of them."""
        last = on - _DAY
        if self.period == "day":
            week = last - _WEEK
            return [Span(last - _DAY, last - _DAY, "前一日"), Span(week, week, f"上{weekday(week)}")]
        before = self.span(on).first
        return [Span(before - _WEEK, before - _DAY, "上一周") if self.period == "week" else
                Span((before - _DAY).replace(day=1), before - _DAY, "上个月")]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PushPlan:
    """All of push.yaml. ``modules`` whose days must be certified; ``until``: time of day in Shanghai; ``airflow``: by
    which address the browser reaches Airflow, '' its own; ``folder`` and ``public``: where pictures lie, '' where they
    do not; ``mail_id``: 瓴羊BI's subscription, run with ``mail_edition``."""

    modules: tuple[str, ...]
    until: time
    airflow: str
    folder: str
    public: str
    mail_edition: str
    mail_id: str
    editions: dict[str, Edition]

    def ends(self, on: date) -> datetime:
        """Return from when what was due on a day is of no use."""
        return datetime.combine(on, self.until, SHANGHAI)


def edition_titles(folder: Path = INCLUDE / "config") -> dict[str, str]:
    """Return the editions' titles by name, without checking anything: the DAG's file is read every few minutes."""
    return {name: about["title"] for name, about in _facts(folder)["editions"].items()}


def mail_edition(folder: Path = INCLUDE / "config") -> str:
    """Return the edition with which 瓴羊BI's subscription runs, without checking anything."""
    return str(_facts(folder)["quick_bi"]["edition"])


@cache
def _facts(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load((folder / "push.yaml").read_text("utf-8"))
    return facts


def weekday(day: date) -> str:
    """Name the day of the week: 周一 to 周日."""
    return f"周{'一二三四五六日'[day.weekday()]}"


@cache
def load_push(folder: Path = INCLUDE / "config") -> PushPlan:
    """Read and check push.yaml. Raises Misconfigured naming the key: a metric or board that is not there or is for role
    finance only, a module without a certificate."""
    facts = read_facts(folder / "push.yaml", folder / "push.schema.json", "日报文件")
    editions = {name: _edition(name, about) for name, about in facts["editions"].items()}
    pictures, mail = facts["pictures"], facts["quick_bi"]
    if bool(pictures["folder"]) != bool(pictures["public"]):
        raise _wrong("$.pictures", "folder 与 public 要么都写，要么都空着")
    if mail["mail_id"] and mail["edition"] not in editions:
        raise _wrong("$.quick_bi.edition", f"没有 {mail['edition']}")
    return PushPlan(
        tuple(facts["modules"]), time.fromisoformat(facts["until"]), facts["airflow"].rstrip("/"),
        pictures["folder"].rstrip("/"), pictures["public"].rstrip("/"), mail["edition"], mail["mail_id"], editions,
    )  # fmt: skip


def _edition(name: str, about: dict[str, Any]) -> Edition:
    unusual = tuple(_threshold(each) for each in about.get("unusual", ()))
    needed = [*about["metrics"], *(each.metric for each in unusual), *(each.least[0] for each in unusual if each.least)]
    for code in needed:
        metric = load_catalogue().metrics.get(code)
        if metric is None:
            raise _wrong(f"$.editions.{name}", f"没有指标 {code}")
        if metric.role:
            raise _wrong(f"$.editions.{name}", f"指标 {metric.name} 只给财务看，不能发到群里")
    for board in about["boards"]:
        if board not in load_boards():
            raise _wrong(f"$.editions.{name}.boards", f"没有看板 {board}")
        if load_boards()[board].role:
            raise _wrong(f"$.editions.{name}.boards", f"看板 {board} 只给财务看，不能发到群里")
    for channel in about["channels"]:
        if channel not in channels():
            known = "、".join(channels())
            raise _wrong(f"$.editions.{name}.channels", f"messages.yaml 里没有通道 {channel}，有：{known}")
    return Edition(
        name, about["title"], about["period"], tuple(about["channels"]), about["viewer"], tuple(about["boards"]),
        tuple(about["metrics"]), unusual, tuple(map(date.fromisoformat, about.get("not_on", ()))),
    )  # fmt: skip


def _threshold(about: dict[str, Any]) -> Threshold:
    above, fall = (Decimal(str(about[key])) if key in about else None for key in ("above", "fall"))
    least = next(((code, Decimal(str(most))) for code, most in about.get("least", {}).items()), None)
    return Threshold(about["metric"], about["words"], "by" in about, above, fall, least)


def _wrong(path: str, what: str) -> Misconfigured:
    return Misconfigured(f"日报文件 push.yaml 的 {path} 不对：{what}", do="对照 include/config/push.schema.json 修改")
