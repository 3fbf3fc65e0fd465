"""What of the ledger needs a person, the worst first, each with what to do: the page's first line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jst.control.holds import STOPPED
from jst.errors import JstError, Retry
from jst.ledger.facts import Ledger, OpenWindowRow, WatermarkRow
from jst.ledger.titles import advice, clock, lasting, named, window
from jst.model.check_facts import KINDS, load_checks

Level = Literal["bad", "warn", "good"]
LATE_SECONDS = {True: (60.0, 300.0), False: (900.0, 1800.0)}
"""Seconds a read watermark may be behind before it is shown, and before it is bad: of a live feed, of a dimension."""
MILD = {"degraded", "letters_parked", "shops_workbook", KINDS["warn"]}
"""Kinds of incidents that can wait for the morning: nothing is lost, and a page that cries wolf is not read."""
UNCHECKED_SECONDS = 1800.0
"""How long a data-quality check may be overdue before it is shown."""
STANDING_SECONDS = 600.0
"""After this a complete watermark that stands, or a batch that is not loaded, will not recover by itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the ledger. ``module`` it is about; ``dag_id`` and ``run_id``: where to look first. Each may be
    empty."""

    level: Level
    what: str
    do: str = ""
    module: str = ""
    dag_id: str = ""
    run_id: str = ""

    def __str__(self) -> str:
        return f"{self.what}，处理：{self.do}" if self.do else self.what


def headline(ledger: Ledger, found: list[Finding]) -> Finding:
    """Return one sentence for a person who was woken up."""
    if found:
        return found[0]
    read = [mark.value for mark in ledger.facts.marks if mark.kind == "read" and mark.live]
    if not read:
        wait = "等待实时 DAG 的第一班；几分钟后仍这样时查看 DAG jst_schema 与实时 DAG"
        return Finding("warn", "还没有读取过任何模块", wait)
    loads = ledger.first_loads
    more = f"；首次装载进行到 {min(load.share for load in loads):.0%}" if loads else ""
    return Finding("good", f"全部正常，数据到 {clock(min(read), ledger.now)}{more}")


def away(error: JstError) -> Finding:
    """Say why there is no ledger to look at."""
    wait = "检查 PostgreSQL 是否在运行、连接 jst_ops 是否正确；恢复后本页自己继续"
    return Finding("bad", f"账本没有新数据：{error.what}", wait if isinstance(error, Retry) else error.do)


def findings(ledger: Ledger) -> list[Finding]:
    """List what needs a person, bad ones first."""
    found = [*_holds(ledger), *_incidents(ledger), *_open(ledger), *_late(ledger), *_not_loaded(ledger)]
    found += _unchecked(ledger)
    return sorted(found, key=lambda each: each.level != "bad")


def _holds(ledger: Ledger) -> Iterator[Finding]:
    for hold in ledger.facts.holds:
        what, do = advice(hold.reason)
        said = f"{named(hold.module)} 停下等待，{clock(hold.until, ledger.now)} 再试：{what}"
        do = do or "打开红色任务的日志，看最后一句"
        yield Finding("bad", said, do, hold.module, f"jst_{hold.module}", hold.run_id)


def _incidents(ledger: Ledger) -> Iterator[Finding]:
    """Skip what another finding says: a feed that holds back, a watermark that is late."""
    holding = {hold.module for hold in ledger.facts.holds}
    checked = set(KINDS.values())
    for each in ledger.facts.incidents:
        if (each.kind == STOPPED and each.module in holding) or (each.kind in checked and each.subject == "freshness"):
            continue
        what, do = advice(each.what)
        again = f"，已见 {each.times} 次" if each.times > 1 else ""
        about = "" if each.module in what else f"{named(each.module)} "  # '' is in everything: it is about no module
        said = f"{about}{what}（{clock(each.opened_at, ledger.now)} 起{again}）"
        dag_id = "jst_checks" if each.kind in checked else ""
        yield Finding("warn" if each.kind in MILD else "bad", said, do or each.do, each.module, dag_id)


def _late(ledger: Ledger) -> Iterator[Finding]:
    holding = {hold.module for hold in ledger.facts.holds}
    for mark in ledger.facts.marks:
        if mark.kind == "read" and mark.module not in holding:
            yield from _behind(mark, ledger)
        if mark.kind == "complete":
            yield from _stands(mark, ledger)


def behind(mark: WatermarkRow) -> Level:
    """Judge how far a read watermark is behind."""
    late, bad = LATE_SECONDS[mark.live]
    return "bad" if mark.age > bad else "warn" if mark.age > late else "good"


def _behind(mark: WatermarkRow, ledger: Ledger) -> Iterator[Finding]:
    if behind(mark) != "good":
        dag_id = f"jst_{mark.module}" if mark.live else "jst_dimensions"
        yield Finding(
            behind(mark),
            f"{named(mark.module)} 已 {lasting(mark.age)}没有读到新数据（读到 {clock(mark.value, ledger.now)}）",
            f"打开 DAG {dag_id} 最近的运行，看停在哪个任务；没有运行时看 scheduler 与 triggerer 是否在",
            mark.module,
            dag_id,
        )


def _stands(mark: WatermarkRow, ledger: Ledger) -> Iterator[Finding]:
    """Report it only where nothing else explains it: open windows and a first load do."""
    explained = {each.module for each in ledger.facts.open}
    explained |= {load.module for load in ledger.first_loads}
    explained |= {each.module for each in ledger.facts.marks if each.kind == "read" and behind(each) != "good"}
    if mark.live and mark.age > STANDING_SECONDS and mark.module not in explained:
        dag_id, since = f"jst_{mark.module}", clock(mark.value, ledger.now)
        what = f"{named(mark.module)} 的完整水位停在 {since}，已 {lasting(mark.age)}：{mark.reason}"
        yield Finding("warn", what, f"查看 DAG {dag_id} 最近的运行", mark.module, dag_id)


def _open(ledger: Ledger) -> Iterator[Finding]:
    """Report the oldest window of each module, for the others as well."""
    said: set[str] = set()
    for each in ledger.facts.open:
        if each.module not in said:
            said.add(each.module)
            yield _unproven(each, ledger)


def _unproven(each: OpenWindowRow, ledger: Ledger) -> Finding:
    """Report letters as mild: they are read again by themselves, or parked at last."""
    what = f"{named(each.module)} 有 {each.windows} 个窗口未证明，因为{each.reason or '没有证明'}"
    if each.reason.startswith("死信"):
        do = "不必人工：jst_dead_letters 每 10 分钟自动重投；按下面死信的原因修正后手动运行它会更快"
        return Finding("warn", what, do, each.module, "jst_dead_letters")
    span = window(each.window_from, each.window_to, ledger.now)
    do = f"清除 {each.dag_id} 这次运行的 pull，它会重读窗口 {span}"
    return Finding("bad", what, do, each.module, each.dag_id, each.run_id)


def _not_loaded(ledger: Ledger) -> Iterator[Finding]:
    for each in ledger.facts.waiting:
        if each.state == "pulled" and each.age > STANDING_SECONDS / 5:
            yield Finding(
                "bad",
                f"{named(each.module)} 有 {each.windows} 批已在 Kafka、{lasting(each.age)}没有装进宽表",
                f"看 DAG jst_{each.module} 的 load 任务；ClickHouse 不可用时恢复它即可，不会丢数据",
                each.module,
                f"jst_{each.module}",
            )


def _unchecked(ledger: Ledger) -> Iterator[Finding]:
    """Report checks that no longer run: they find nothing, which must not look like all is well."""
    ages = {each.name: each.age for each in ledger.facts.checks}
    overdue = [
        each.title for each in load_checks() if ages.get(each.name, 0.0) > each.every_minutes * 60 + UNCHECKED_SECONDS
    ]
    if overdue:
        what = f"{len(overdue)} 项数据检查没有按时运行（{'、'.join(overdue)}）"
        yield Finding("warn", what, "打开 DAG jst_checks 最近的运行，看它的日志；暂停了就恢复它", "", "jst_checks")
