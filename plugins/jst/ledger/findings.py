"""What of the ledger needs a person, the worst first, each with what to do: the page's first line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from jst.control import degradation, troubles
from jst.control.holds import STOPPED
from jst.errors import JstError, Retry
from jst.ledger.facts import Ledger
from jst.ledger.feed_findings import STANDING_SECONDS, behind, feed_findings
from jst.ledger.finding import Finding, Level, worst_first
from jst.ledger.rows import AlertRow, IncidentRow, OpenWindowRow, WatermarkRow
from jst.ledger.titles import advice, clock, in_short, lasting, reason_of, title, titles, window
from jst.model.check_facts import KINDS, load_checks
from jst.model.module import dag_of

MILD = {"letters_parked", "shops_workbook", "task_failed"}
"""Kinds of incidents that can wait for the morning; on the next one they are known, and folded."""
DAGS = {
    **dict.fromkeys(KINDS.values(), "jst_checks"),
    "difference": "jst_reconcile",
    "letters_parked": "jst_dead_letters",
    "shops_workbook": "jst_dimensions",
    "robot": "lingyang_messages",
}
"""Where to look at an incident of a kind that is not its module's feed."""
KNOWN_AFTER = timedelta(days=1)
SAID_HERE = {degradation.INCIDENT, troubles.INCIDENT}
"""Kinds of incidents whose present state the ledger reads itself: the incident is as old as the last batch."""
SAID_CHECKS = {"freshness", "mart_freshness"}
"""Checks of the control database: found by the ledger at the same moment, and healed there at once."""
IDLE_SECONDS = (600.0, 1800.0)
"""Seconds without progress after which a first load is shown, and red: it waits for the live feeds' quota now and
then."""
UNCHECKED_SECONDS = 1800.0
"""How long a data-quality check may be overdue before it is shown."""


def headline(ledger: Ledger, found: list[Finding]) -> Finding:
    """Return one sentence for a person who was woken up."""
    notes = sum(each.level == "note" for each in found)
    if len(found) > notes:
        return found[0]
    seen = [mark.value for mark in ledger.facts.marks if mark.kind == "visible" and mark.live]
    if not seen:
        wait = "等待实时 DAG 的第一班；几分钟后仍这样时查看 DAG jst_schema 与实时 DAG"
        return Finding("warn", "还没有读取过任何模块", wait)
    loads = ledger.first_loads
    more = f"；首次装载进行到 {min(load.share for load in loads):.0%}" if loads else ""
    more += f"；另有 {notes} 项数据提醒" if notes else ""
    return Finding("good", f"全部正常，数据到 {clock(min(seen), ledger.now)}{more}")


def away(error: JstError) -> Finding:
    """Say why there is no ledger to look at."""
    wait = "检查 PostgreSQL 是否在运行、连接 jst_ops 是否正确；恢复后本页自己继续"
    return Finding("bad", f"账本没有新数据：{error.what}", wait if isinstance(error, Retry) else error.do)


def findings(ledger: Ledger) -> list[Finding]:
    """List what needs a person, the worst first; of what is equally bad, what stops data comes before the rest."""
    feeds = feed_findings(ledger)
    rest = [
        *_open(ledger),
        *_incidents(ledger),
        *map(_alert, ledger.facts.alerts),
        *_marts_behind(ledger),
        *_stand(ledger),
        *_unchecked(ledger),
    ]
    return worst_first([*_without_pools(ledger), *feeds, *_standing_loads(ledger), *rest])


def _without_pools(ledger: Ledger) -> Iterator[Finding]:
    """Report pools Airflow lacks: their tasks never start and never fail, and whatever is late is late by them."""
    if ledger.missing_pools:
        what = f"Airflow 里没有资源池 {'、'.join(ledger.missing_pools)}：用它们的任务停在 scheduled"
        do = "在 Airflow 的机器上运行 python -m jst.airflow.prepare，它建好资源池，任务随后自己开始"
        yield Finding("bad", what, do, key="pools")


def _incidents(ledger: Ledger) -> Iterator[Finding]:
    """Skip what another finding says."""
    stopped = _stopped(ledger)
    for each in ledger.facts.incidents:
        said = each.kind in KINDS.values() and each.subject in SAID_CHECKS
        if not (said or each.kind in SAID_HERE or (each.kind == STOPPED and each.module in stopped)):
            yield _incident(each, ledger)


def _stopped(ledger: Ledger) -> set[str]:
    """Return what says itself that it fails."""
    return {hold.module for hold in ledger.facts.holds} | {trouble.module for trouble in ledger.facts.troubles}


def _incident(each: IncidentRow, ledger: Ledger) -> Finding:
    what, do = advice(each.what)
    if each.kind == STOPPED:
        what = f"{title(each.module)}停了：{what.removeprefix('实时流停止：')}"
    elif each.kind != "node_away" and each.module not in what and title(each.module) not in what:
        what = f"{title(each.module)}：{what}"
    level: Level = "bad"
    if each.kind in MILD:
        level = "note" if ledger.now - each.opened_at > KNOWN_AFTER else "warn"
    return Finding(
        "note" if each.kind == KINDS["warn"] else level,
        what,
        do or each.do,
        [each.module] if each.module else [],
        DAGS.get(each.kind) or (dag_of(each.module) if each.module else ""),
        detail=f"{clock(each.opened_at, ledger.now)} 起{f'，已出现 {each.times} 次' if each.times > 1 else ''}",
    )


def _alert(each: AlertRow) -> Finding:
    """Report what a rule has found; what is not critical is the business's and can wait."""
    title = each.title or each.rule
    what = f"{title}：{each.subjects:,} 项" if each.subjects > 1 else f"{title}：{each.what}"
    return Finding("bad" if each.severity == "critical" else "note", what, each.do, dag_id="lingyang_alerts")


def _open(ledger: Ledger) -> Iterator[Finding]:
    """Report the oldest window of each module, for the others as well."""
    said: set[str] = set()
    for each in ledger.facts.open:
        if each.module not in said:
            said.add(each.module)
            yield _unproven(each, ledger)


def _unproven(each: OpenWindowRow, ledger: Ledger) -> Finding:
    what = f"{title(each.module)}有 {each.windows} 个窗口未证明：{each.reason or '没有证明'}"
    if each.reason.startswith("死信"):
        return _with_letters(each, ledger)
    span = window(each.window_from, each.window_to, ledger.now)
    do = f"清除 {each.dag_id} 这次运行的 pull，它会重读窗口 {span}"
    return Finding("bad", what, do, [each.module], each.dag_id, each.run_id, key="unproven")


def _with_letters(each: OpenWindowRow, ledger: Ledger) -> Finding:
    """Report letters as mild, with the cause of most of them: they are read again by themselves, or parked at last."""
    causes = [group for group in ledger.facts.letters if group.module == each.module and group.state == "open"]
    cause, do = advice(causes[0].cause) if causes else ("", "")
    what = f"{title(each.module)}有{each.reason}{f'：{in_short(cause)}' if cause else ''}"
    do = f"其余数据照常，jst_dead_letters 每 10 分钟自动重投；{do or '按下面死信的原因修正后手动运行它会更快'}"
    detail = f"{each.windows} 个窗口因此未证明{f'；{cause}' if cause else ''}"
    return Finding("warn", what, do, [each.module], "jst_dead_letters", detail=detail)


def _marts_behind(ledger: Ledger) -> Iterator[Finding]:
    """Report days that wait for minutes, unless their task says why; a first load marks more days than minutes can
    refresh."""
    days = [each for each in ledger.facts.mart_days if each.age > STANDING_SECONDS]
    if days and "marts" not in _stopped(ledger) and not ledger.first_loads:
        more = f" 等 {len(days)} 天" if len(days) > 1 else ""
        what = f"汇总表没有跟上宽表：{days[0].day}{more}，已等 {lasting(max(each.age for each in days))}"
        do = next(check.do for check in load_checks() if check.name == "mart_freshness")
        yield Finding("bad", what, do, dag_id="jst_marts", key="marts_behind")


def _stand(ledger: Ledger) -> Iterator[Finding]:
    """Report complete watermarks that stand where nothing else explains it: open windows and a first load do."""
    explained = {each.module for each in ledger.facts.open} | {each.module for each in ledger.facts.troubles}
    explained |= {load.module for load in ledger.first_loads}
    explained |= {each.module for each in ledger.facts.marks if each.kind == "visible" and behind(each) != "good"}
    for mark in ledger.facts.marks:
        if mark.kind == "complete" and mark.live and mark.age > STANDING_SECONDS and mark.module not in explained:
            yield _stands(mark, ledger)


def _stands(mark: WatermarkRow, ledger: Ledger) -> Finding:
    dag_id, since = dag_of(mark.module), clock(mark.value, ledger.now)
    what = f"{title(mark.module)}的完整水位停在 {since}，已 {lasting(mark.age)}：{reason_of(mark.reason)}"
    return Finding("warn", what, f"查看 DAG {dag_id} 最近的运行", [mark.module], dag_id)


def _standing_loads(ledger: Ledger) -> Iterator[Finding]:
    """Report first loads that no longer pull, unless their module's feed says why: a red task of theirs is tried again
    by a person only."""
    for load in ledger.first_loads:
        if load.pulled < load.plans and load.idle > IDLE_SECONDS[0] and load.module not in _stopped(ledger):
            level: Level = "bad" if load.idle > IDLE_SECONDS[1] else "warn"
            what = f"{title(load.module)}的首次装载停在 {load.share:.0%}，已 {lasting(load.idle)}没有进展"
            do = "打开 DAG jst_initial，按红色任务的日志处理后清除它，它从断点接着拉；没有红色任务时看它是否被暂停"
            yield Finding(level, what, do, [load.module], "jst_initial", key="load_stands")


def _unchecked(ledger: Ledger) -> Iterator[Finding]:
    """Report checks that no longer run: they find nothing, which must not look like all is well."""
    ages = {each.name: each.age for each in ledger.facts.checks}
    loading = {load.module for load in ledger.first_loads}
    overdue = [
        each.title
        for each in load_checks()
        if ages.get(each.name, 0.0) > each.every_minutes * 60 + UNCHECKED_SECONDS and not loading & set(each.after)
    ]
    if overdue:
        what = f"{len(overdue)} 项数据检查没有按时运行（{titles(overdue)}）"
        yield Finding("warn", what, "打开 DAG jst_checks 最近的运行，看它的日志；暂停了就恢复它", dag_id="jst_checks")
