"""What keeps feeds from going on, or their data from being seen: where a task knows the cause, that comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from jst.control.degradation import BATCH_SECONDS, NOTHING_TO_DO, in_batches
from jst.control.troubles import PATIENCE_SECONDS
from jst.ledger.facts import Ledger
from jst.ledger.finding import Finding, Level
from jst.ledger.rows import HoldRow, TroubleRow, WaitingRow, WatermarkRow
from jst.ledger.titles import advice, clock, in_short, lasting, titles
from jst.model.module import dag_of

LATE_SECONDS = {True: (60.0, 300.0), False: (900.0, 1800.0)}
"""Seconds after which data that cannot be seen yet are late, and bad: of a live feed, of a dimension."""
DEGRADED_SECONDS = 2.0 * BATCH_SECONDS
"""The same of a feed that comes in batches, which is no news before the second batch is due."""
SHOWN_AFTER_SECONDS, RED_AFTER_SECONDS = {True: 5.0, False: 300.0}, {True: PATIENCE_SECONDS, False: 900.0}
"""Seconds after which a task that fails is shown, and red: of a live feed, whose next try a second later mostly
succeeds; of a dimension, whose next try is five minutes later."""
NOT_LOADED_SECONDS = (30.0, 120.0)
"""Seconds after which batches that lie in Kafka are shown, and bad."""
STANDING_SECONDS = 600.0
"""After this a complete watermark that stands will not recover by itself."""
_WAIT = "看 DAG {dag_id} 的 load 任务，没有运行时看 scheduler 是否在；数据都在 Kafka 里，不会丢"


def feed_findings(ledger: Ledger) -> list[Finding]:
    """List them, the cause before the effect; a module whose cause is known is not said to be late as well."""
    troubled = {each.module for each in _shown(ledger)}
    holding = {hold.module for hold in ledger.facts.holds}
    causes = list(_troubles(ledger))
    waiting = troubled.union(*(each.modules for each in causes))
    found = [*causes, *_holds(ledger, troubled), *_not_loaded(ledger, waiting)]
    explained = troubled | holding | {module for each in found for module in each.modules}
    return found + [*_late(ledger, explained), *_degraded(ledger, troubled)]


def behind(mark: WatermarkRow, *, degraded: bool = False) -> Level:
    """Judge how old the newest is that can be seen of a module."""
    late, bad = (DEGRADED_SECONDS, 2 * DEGRADED_SECONDS) if degraded else LATE_SECONDS[mark.live]
    return "bad" if mark.age > bad else "warn" if mark.age > late else "good"


def degraded_modules(ledger: Ledger) -> set[str]:
    """Return the modules that are read in batches now."""
    return {each.module for each in ledger.facts.degradations if each.until is None}


def _shown(ledger: Ledger) -> list[TroubleRow]:
    """Return the troubles worth a word, a live feed's first, the longest of each first: a dimension that was refused
    minutes ago must not stand before a server that is away now. That a degraded feed is refused is said with that."""
    degraded = degraded_modules(ledger)
    return sorted(
        (
            each
            for each in ledger.facts.troubles
            if each.nature == "hopeless"
            or (
                each.age >= SHOWN_AFTER_SECONDS[_is_live(each.module)]
                and not (each.nature == "refused" and each.module in degraded)
            )
        ),
        key=lambda each: (not _is_live(each.module), -each.age),
    )


def _is_live(module: str) -> bool:
    return dag_of(module) != "jst_dimensions"


def _troubles(ledger: Ledger) -> Iterator[Finding]:
    """Say what does not answer once, whatever number of modules wait for it."""
    groups: dict[tuple[str, str], list[TroubleRow]] = {}
    for each in _shown(ledger):
        cause = in_short(each.what) if each.nature == "hopeless" else ""
        groups.setdefault((each.server or each.module, cause), []).append(each)
    yield from (_trouble(group, ledger) for group in groups.values())


def _trouble(group: Sequence[TroubleRow], ledger: Ledger) -> Finding:
    first, modules = group[0], list(dict.fromkeys(each.module for each in group))
    cause, names, do = in_short(first.what), titles(modules), _do(first)
    late = any(each.age > RED_AFTER_SECONDS[_is_live(each.module)] for each in group)
    level: Level = "bad" if first.nature == "hopeless" or late else "warn"
    loading = [each.module for each in group if each.task == "load" and each.server != "Kafka"]
    if loading and first.nature == "passing":  # the others wait for the same server, and know it a little later
        loading = list(dict.fromkeys([*loading, *(each.module for each in _overdue(ledger))]))
        modules = list(dict.fromkeys([*modules, *loading]))
    if first.nature == "hopeless":
        what = f"{names}停了：{cause}"
    elif loading:
        what, do = f"{cause}，{_in_kafka(loading, ledger)}", first.do
    elif first.nature == "refused":
        level, what = "warn", f"{cause}，系统已自动放慢：{names}"
        do = f"不必人工：计划都保留，持续时自动降级为批次；{first.do}"
    else:
        what = f"{cause}：{names}已停 {lasting(first.age)}" if level == "bad" else f"{cause}，正在重试：{names}"
    hold = next((hold for hold in ledger.facts.holds if hold.module in modules), None)
    detail = [f"{clock(first.since, ledger.now)} 起没有成功过，第 {first.tries} 次"]
    detail += [f"{clock(hold.until, ledger.now)} 自动重试"] if hold else []
    detail += [first.what] if first.what != cause else []
    detail += [first.place] if first.place else []
    return Finding(level, what, do, modules, dag_of(first.module), first.run_id, "；".join(detail))


def _do(trouble: TroubleRow) -> str:
    """Return what to do, and what follows: who is woken up does not know that a cleared task is tried at once, nor that
    nothing is lost."""
    if trouble.nature == "hopeless":
        return trouble.do if "清除" in trouble.do else f"{trouble.do}；改好后清除红色任务，马上再试"
    return trouble.do if "不会丢" in trouble.do else f"{trouble.do}；恢复后自己补齐，不会丢数据"


def _in_kafka(modules: Collection[str], ledger: Ledger) -> str:
    """Say how much of these modules waits to be loaded."""
    waiting = [each for each in ledger.facts.waiting if each.state == "pulled" and each.module in modules]
    batches, names = sum(each.windows for each in waiting), sorted({each.module for each in waiting})
    if not batches:
        return f"{titles(modules)}在等，不会丢数据"
    whose = f"{len(names)} 个模块" if len(names) > 1 else titles(names)
    return f"{whose}的 {batches:,} 批在 Kafka 里等，不会丢"


def _holds(ledger: Ledger, troubled: Collection[str]) -> Iterator[Finding]:
    for hold in ledger.facts.holds:
        if hold.module not in troubled:
            yield _hold(hold, ledger)


def _hold(hold: HoldRow, ledger: Ledger) -> Finding:
    what, do = advice(hold.reason)
    said = f"{titles([hold.module])}已暂停，{clock(hold.until, ledger.now)} 自动重试：{in_short(what)}"
    do = do or "打开红色任务的日志，看最后一句"
    detail = f"连续失败 {hold.failures} 次；{what}"
    return Finding("bad", said, do, [hold.module], dag_of(hold.module), hold.run_id, detail)


def _overdue(ledger: Ledger) -> list[WaitingRow]:
    """Return what has lain in Kafka too long. What the first load brings may wait for its turn."""
    loading = {load.module for load in ledger.first_loads}
    return [
        each
        for each in ledger.facts.waiting
        if each.state == "pulled" and each.age > (STANDING_SECONDS if each.module in loading else NOT_LOADED_SECONDS[0])
    ]


def _not_loaded(ledger: Ledger, troubled: Collection[str]) -> Iterator[Finding]:
    """Report batches that lie in Kafka though no load says that it fails: none runs, or it hangs."""
    bad = NOT_LOADED_SECONDS[1]
    if waiting := [each for each in _overdue(ledger) if each.module not in troubled]:
        modules, age = sorted({each.module for each in waiting}), max(each.age for each in waiting)
        what = f"{_in_kafka(modules, ledger)}，{lasting(age)}没有装进宽表"
        dag_id = dag_of(modules[0])
        level: Level = "bad" if age > bad else "warn"
        yield Finding(level, what, _WAIT.format(dag_id=dag_id), modules, dag_id, key="not_loaded")


def _late(ledger: Ledger, explained: Collection[str]) -> Iterator[Finding]:
    degraded = degraded_modules(ledger)
    late = [each for each in ledger.facts.marks if each.kind == "visible" and each.module not in explained]
    for mark in sorted(late, key=lambda each: (not each.live, -each.age)):
        level = behind(mark, degraded=mark.module in degraded)
        if level != "good":
            dag_id = dag_of(mark.module)
            yield Finding(
                level,
                f"{titles([mark.module])}已 {lasting(mark.age)}没有新数据（数据到 {clock(mark.value, ledger.now)}）",
                f"打开 DAG {dag_id} 最近的运行，看停在哪个任务；没有运行或 watch 停着不动时，"
                "看 Airflow 首页上 scheduler 与 triggerer 的状态，不健康就重启它，不会丢数据",
                [mark.module],
                dag_id,
                key="late",
            )


def _degraded(ledger: Ledger, troubled: Collection[str]) -> Iterator[Finding]:
    for each in ledger.facts.degradations:
        if each.until is None and each.module not in troubled:
            what = f"{titles([each.module])}降级为每 {BATCH_SECONDS // 60} 分钟一批，不必人工处理"
            detail = in_batches(each.since, each.reason, each.clean, each.due_at)
            yield Finding("warn", what, NOTHING_TO_DO, [each.module], dag_of(each.module), detail=detail)
