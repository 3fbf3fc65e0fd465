"""What the boards are: ``include/config/boards/<id>.yaml`` becomes frozen values, checked against the metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jst.errors import Misconfigured
from jst.metrics.catalogue import Catalogue, Metric, load_catalogue
from jst.model.module import INCLUDE, read_facts

FOLDER = INCLUDE / "config" / "boards"
MOST_ROWS = 10_000
Chart = Literal["figures", "map", "line", "bars", "table", "race"]
Words = Mapping[str, str]
"""The same words by language: zh and en."""
FILTERS = {"shop": "shop_id", "platform": "platform", "category": "category", "day": "day"}
"""What a viewer may choose → cut it is."""


@dataclass(frozen=True, slots=True)
class Value:
    """A column of figures: a metric over a named period. ``optional``: left out where a chosen filter does not apply to
    it."""

    column: str
    metric: Metric
    period: str
    title: Words | None = field(default=None, compare=False)
    optional: bool = field(default=False, compare=False)


Bound = tuple[Value, str, float]
"""What a figure has to be: above, below, at_least or at_most a number."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked at once: ``values`` by ``by``. A panel is one, and so is what lies behind its rows, ``then``.

    ``orders``: not figures but numbers of orders, by include/sql/boards/orders_<orders>.sql. ``keep``: a row stays when
    of each of these at least one (metric, sign, bound) holds. ``words``: column → code → what people read in its place.
    """

    title: Words
    by: tuple[str, ...]
    values: tuple[Value, ...]
    period: str
    sort: str = ""
    top: int = MOST_ROWS
    keep: tuple[tuple[Bound, ...], ...] = ()
    orders: str = ""
    words: Mapping[str, Mapping[str, Words]] = field(default_factory=dict, compare=False)
    then: Step | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. ``thresholds``, ``place``, ``look`` and ``action`` are for the page."""

    name: str
    chart: Chart
    step: Step
    empty: Words
    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    place: Mapping[str, int] = field(default_factory=dict)
    look: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""

    @property
    def title(self) -> Words:
        return self.step.title


@dataclass(frozen=True, slots=True)
class Board:
    """One board. ``refresh``: seconds; ``role``: the only one that may open it, '' every known account; ``filters``:
    names of FILTERS."""

    id: str
    title: Words
    order: int
    refresh: int
    role: str
    filters: tuple[str, ...]
    panels: Mapping[str, Panel]


@cache
def load_boards(folder: Path = FOLDER) -> Mapping[str, Board]:
    """Read all boards, in their order. Raises Misconfigured naming file and key."""
    boards = sorted((load_board(path) for path in folder.glob("*.yaml")), key=lambda board: (board.order, board.id))
    return {board.id: board for board in boards}


def load_board(path: Path, catalogue: Catalogue | None = None) -> Board:
    """Read one board. Raises Misconfigured naming the file and what is wrong in it."""
    facts = read_facts(path, INCLUDE / "config" / "board.schema.json", "看板文件")
    reader = _BoardFile(path.name, catalogue or load_catalogue())
    return Board(
        path.stem,
        facts["title"],
        facts["order"],
        facts["refresh"],
        facts.get("role", ""),
        tuple(facts.get("filters", ())),
        {name: reader.panel(name, about) for name, about in facts["panels"].items()},
    )


class _BoardFile:
    """Reads the panels of one file."""

    def __init__(self, file: str, catalogue: Catalogue) -> None:
        self._file, self._catalogue = file, catalogue

    def panel(self, name: str, facts: dict[str, Any]) -> Panel:
        step = self._step(f"panels.{name}", facts, facts["period"])
        columns = {*step.by, *(value.column for value in step.values)}
        look = facts.get("look", {})
        named = {key: [*facts.get(key, {})] for key in ("thresholds", "words")} | {"look.notes": look.get("notes", [])}
        named["look.bands"] = [each for curve, band in look.get("bands", {}).items() for each in (curve, *band)]
        for key, wanted in named.items():
            for column in wanted:
                if column not in columns:
                    raise self._wrong(f"panels.{name}.{key}", f"没有 {column} 这一列")
        return Panel(
            name, facts["chart"], step, facts["empty"], facts.get("thresholds", {}), facts.get("place", {}), look,
            facts.get("action", ""),
        )  # fmt: skip

    def _step(self, at: str, facts: dict[str, Any], period: str, above: tuple[str, ...] = ()) -> Step:
        """``above``: cuts of the rows one came through."""
        by = tuple(facts.get("by", ()))
        values = tuple(self._value(f"{at}.values", each, period) for each in facts["values"])
        names = [*by, *(value.column for value in values)]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise self._wrong(f"{at}.values", f"{'、'.join(repeated)} 有两列")
        needed = self._bounds(at, "need", facts, period)
        keep = (self._bounds(at, "keep", facts, period), *((bound,) for bound in needed))
        for value in (*values, *(value for bounds in keep for value, _, _ in bounds)):
            if wrong := [cut for cut in (*above, *by) if cut not in value.metric.cuts]:
                raise self._wrong(f"{at}.by", f"指标 {value.metric.code} 不能按 {'、'.join(wrong)} 切分")
        sort = facts.get("sort", "")
        if sort and sort.removeprefix("-") not in names:
            raise self._wrong(f"{at}.sort", f"没有 {sort.removeprefix('-')} 这一列")
        then = self._drill(f"{at}.drill", facts, period, (*above, *by)) if "drill" in facts else None
        top, words = facts.get("top", MOST_ROWS), facts.get("words", {})
        return Step(facts["title"], by, values, period, sort, top, tuple(filter(None, keep)), words=words, then=then)

    def _bounds(self, at: str, key: str, facts: dict[str, Any], period: str) -> tuple[Bound, ...]:
        return tuple(
            (self._value(f"{at}.{key}", {"metric": code}, period), sign, float(bound))
            for code, bounds in facts.get(key, {}).items()
            for sign, bound in bounds.items()
        )

    def _drill(self, at: str, panel: dict[str, Any], period: str, above: tuple[str, ...]) -> Step:
        facts = panel["drill"]
        title = facts.get("title", panel["title"])
        if "orders" in facts:
            return Step(title, (), (), period, orders=facts["orders"])
        cuts = {*above, *facts["by"]}
        fitting = [each for each in panel["values"] if cuts <= set(self._metric(f"{at}.values", each["metric"]).cuts)]
        values = facts.get("values", fitting)
        if not values:
            raise self._wrong(f"{at}.values", f"没有一个指标能按 {'、'.join(facts['by'])} 切分")
        inherited = {"title": title, "values": values, "words": panel.get("words", {})}
        return self._step(at, facts | inherited, period, above)

    def _value(self, at: str, facts: dict[str, Any], period: str) -> Value:
        metric, own = self._metric(at, facts["metric"]), facts.get("period", period)
        column = metric.code if own == period else f"{metric.code}_{own}"
        return Value(column, metric, own, facts.get("title"), facts.get("optional", False))

    def _metric(self, at: str, code: str) -> Metric:
        if code not in self._catalogue.metrics:
            raise self._wrong(at, f"指标目录里没有 {code}")
        return self._catalogue.metrics[code]

    def _wrong(self, at: str, what: str) -> Misconfigured:
        return Misconfigured(f"看板文件 {self._file} 的 {at} 不对：{what}", do="对照 docs/metrics.md 修改这个文件")


def steps(panel: Panel) -> Iterator[Step]:
    """Yield what a panel asks, then what lies behind its rows, step by step."""
    step: Step | None = panel.step
    while step is not None:
        yield step
        step = step.then
