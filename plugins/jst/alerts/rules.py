"""The rules of alerts: ``include/config/alerts.yaml`` becomes frozen values, checked against catalogue and boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jst.boards.board_spec import load_boards
from jst.clock import SHANGHAI
from jst.control.alert_book import ALERT, LEDGER
from jst.errors import Misconfigured
from jst.messages.channels import channels
from jst.metrics.catalogue import Catalogue, Metric, load_catalogue
from jst.model.module import INCLUDE, read_facts

FILE = INCLUDE / "config" / "alerts.yaml"
SIGNS = {"above": ">", "below": "<", "at_least": ">=", "at_most": "<="}
SELLERS, SHOP = "sellers", "shop"
ESCALATION_CHANNEL = "sms"
SEVERITIES = {"critical": "严重", "warn": "预警", "info": "提醒"}
Severity = Literal["critical", "warn", "info"]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a value must be; ``sign`` as SQL writes it."""

    sign: str
    than: Decimal

    @property
    def upward(self) -> bool:
        return self.sign.startswith(">")

    def holds(self, value: Decimal) -> bool:
        """Say whether a value is so."""
        if value == self.than:
            return self.sign.endswith("=")
        return (value > self.than) is self.upward


@dataclass(frozen=True, slots=True)
class RuleValue:
    """A metric over a named period, or its quotient ``against`` another; None for ``bound``: it is only shown."""

    metric: Metric
    period: str
    against: str = ""
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; it has ``values`` to ask for by ``by``, or ``control``, ``ledger`` or ``incidents``, as the schema
    says. ``hours``, ``quiet``: (from, to) of a day; to may lie before from: over midnight."""

    name: str
    title: str
    severity: Severity
    channel: str
    owner: str
    do: str
    by: tuple[str, ...] = ()
    values: tuple[RuleValue, ...] = ()
    control: str = ""
    ledger: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    back: Decimal | None = None
    step: Decimal | None = None
    board: str = ""
    hours: tuple[tuple[time, time], ...] = ()
    quiet: tuple[tuple[time, time], ...] = ()
    calm_minutes: float = 0.0
    escalate_minutes: float | None = None
    every_seconds: float = 15.0

    @property
    def kind(self) -> str:
        """Kind of the incidents it opens."""
        return LEDGER if self.ledger else ALERT

    @property
    def bound(self) -> Bound:
        """What makes a subject bad; of what others count, every row is."""
        return (self.values[0].bound if self.values else None) or Bound(">", Decimal(0))

    @property
    def calm_border(self) -> Bound:
        """What holds for a subject that is not calm yet: the bound, or what lies before it."""
        bound = self.bound
        return Bound(bound.sign, self.back) if self.back is not None else bound

    def steps(self, value: Decimal) -> int:
        """Count how many steps a value is beyond the bound."""
        if self.step is None:
            return 0
        beyond = value - self.bound.than if self.bound.upward else self.bound.than - value
        return max(0, int(beyond / self.step))

    def is_asked_at(self, moment: datetime) -> bool:
        """Say whether it is asked at this time of day."""
        return not self.hours or _within(self.hours, moment)

    def is_quiet_at(self, moment: datetime) -> bool:
        """Say whether nothing of it is said at this time of day."""
        return _within(self.quiet, moment)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules by their names."""

    by_name: Mapping[str, Rule]
    _by_kind: Mapping[str, Rule] = field(default_factory=dict)

    def judged(self) -> list[Rule]:
        """List the rules that find something themselves."""
        return [rule for rule in self.by_name.values() if not rule.incidents]

    def of(self, kind: str, module: str) -> Rule:
        """Return the rule of an incident; for kinds that none names, and for a rule that is gone, one that lets nothing
        pass unsaid."""
        if kind in (ALERT, LEDGER):
            return self.by_name.get(module) or Rule(module, module, "info", self._channel(), "oncall", "")
        return self._by_kind.get(kind) or Rule(kind, kind, "warn", self._channel(), "oncall", "打开账本，按第一行处理")

    def _channel(self) -> str:
        """Return where what no rule names is said: beside the incidents that rules name."""
        named = sorted(self.by_name.values(), key=lambda rule: not rule.incidents)
        return named[0].channel if named else next(iter(channels()))


def _within(spans: Sequence[tuple[time, time]], moment: datetime) -> bool:
    at = moment.astimezone(SHANGHAI).time()
    return any(first <= at < last if first < last else at >= first or at < last for first, last in spans)


@cache
def load_rules(path: Path = FILE) -> Rules:
    """Read and check the rules. Raises Misconfigured naming the key that is wrong."""
    facts = read_facts(path, INCLUDE / "config" / "alerts.schema.json", "预警规则")
    reader = _RuleFile(path.name, load_catalogue())
    rules = {name: reader.rule(name, about) for name, about in facts["rules"].items()}
    kinds = {kind: rule for rule in rules.values() for kind in rule.incidents}
    return Rules(rules, kinds)


class _RuleFile:
    """Reads the rules of one file."""

    def __init__(self, file: str, catalogue: Catalogue) -> None:
        self._file, self._catalogue = file, catalogue

    def rule(self, name: str, facts: dict[str, Any]) -> Rule:
        ask: dict[str, Any] = facts.get("ask", {})
        by = tuple(ask.get("by", ()))
        values = tuple(self._value(name, number, each, by) for number, each in enumerate(ask.get("values", ())))
        owner = facts["owner"]
        if values and values[0].bound is None:
            raise self._wrong(name, "ask.values[0]", "没有界限：above、below、at_least 或 at_most")
        if (need := {SHOP: "shop_id", SELLERS: "sku_id"}.get(owner)) and need not in by:
            raise self._wrong(name, "owner", f"写 {owner} 时 ask.by 要有 {need}")
        for channel in (facts["channel"], *([ESCALATION_CHANNEL] if "escalate_minutes" in facts else ())):
            if channel not in channels():
                key = "channel" if channel == facts["channel"] else "escalate_minutes"
                raise self._wrong(name, key, f"messages.yaml 里没有通道 {channel}，有：{'、'.join(channels())}")
        if (board := facts.get("board", "")) and board not in load_boards():
            raise self._wrong(name, "board", f"没有看板 {board}")
        given: dict[str, Any] = {
            key: facts[key]
            for key in ("title", "severity", "channel", "owner", "do", "control", "board", "calm_minutes",
                        "escalate_minutes", "every_seconds")
            if key in facts
        }  # fmt: skip
        given |= {key: Decimal(str(facts[key])) for key in ("back", "step") if key in facts}
        given |= {key: tuple(map(_span, facts[key])) for key in ("hours", "quiet") if key in facts}
        given |= {key: tuple(facts[key]) for key in ("ledger", "incidents") if key in facts}
        rule = Rule(name=name, by=by, values=values, **given)
        if rule.back is not None and rule.back != rule.bound.than and rule.bound.holds(rule.back):
            raise self._wrong(name, "back", "比界限更坏：要在界限的好的一侧")
        return rule

    def _value(self, name: str, number: int, facts: dict[str, Any], by: tuple[str, ...]) -> RuleValue:
        at = f"ask.values[{number}]"
        metric = self._catalogue.metrics.get(facts["metric"])
        if metric is None:
            raise self._wrong(name, at, f"指标目录没有 {facts['metric']}")
        if wrong := [cut for cut in by if cut not in metric.cuts]:
            raise self._wrong(name, at, f"指标 {metric.code} 不能按 {'、'.join(wrong)} 切分")
        if metric.role:
            raise self._wrong(name, at, f"指标 {metric.code} 只有 {metric.role} 角色可见，不能进卡片")
        bounds = [Bound(sign, Decimal(str(facts[key]))) for key, sign in SIGNS.items() if key in facts]
        if len(bounds) > 1:
            raise self._wrong(name, at, "只能有一个界限")
        return RuleValue(metric, facts.get("period", "now"), facts.get("against", ""), bounds[0] if bounds else None)

    def _wrong(self, name: str, key: str, message: str) -> Misconfigured:
        return Misconfigured(
            f"预警规则 {self._file} 的 rules.{name}.{key} 不对：{message}",
            do="对照 docs/how-to/add-an-alert-rule.md 修改",
        )


def _span(text: str) -> tuple[time, time]:
    first, last = text.split("-")
    return time.fromisoformat(first), time.max if last == "24:00" else time.fromisoformat(last)
