"""The comparison in words: counts, first differences, result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from local.verify.control import Trouble
from local.verify.findings import SHOWN, Findings

_REASONS_SHOWN = 3


def table(findings: Findings) -> Iterator[str]:
    """Yield counts of one table, then its first differences."""
    kinds = "，".join(f"{kind} {findings.kinds[kind]:,}" for kind in ("缺失", "多出", "重复", "不同", "源端不可读"))
    yield f"{findings.table}：比较 {findings.records:,} 条记录、{findings.lines:,} 行；{kinds}"
    for count, meaning in (
        (findings.early, "条早于实时流起点 start watermark，不要求在表里"),
        (findings.late, "条晚于 read watermark，下次维表刷新后才要求"),
        (findings.parked, "条源端不可读，已在死信 dead letter 中"),
        (findings.keyless, "条源端记录没有主键，任何表都放不下"),
    ):
        if count:
            yield f"  （{count:,} {meaning}）"
    if findings.columns:
        yield "  按列：" + "，".join(f"{column} {count:,}" for column, count in findings.columns.most_common())
    for difference in findings.first:
        yield f"  ✗ {difference}"
    total = findings.kinds.total()
    if total > SHOWN:
        yield f"  … 共 {total:,} 处，只列出前 {SHOWN} 处"


def trouble(module: str, found: Trouble) -> Iterator[str]:
    """Yield what the system itself knows to be unfinished."""
    yield f"{module}：未证明的窗口 open {len(found.plans)} 个，未处理的死信 dead letter {len(found.letters)} 条"
    for plan_id, reason in found.plans[:_REASONS_SHOWN]:
        yield f"  · {plan_id} {reason}"


def labels(stale: Mapping[str, Mapping[str, int]]) -> str:
    shown = "；".join(
        f"{table} " + "，".join(f"{column} {count:,}" for column, count in counts.items())
        for table, counts in stale.items()
    )
    return f"标签与维表不同的宽表行（不算差异，下次重写标签时更新）：{shown or '0'}"


def without_rules(modules: Sequence[str]) -> Iterator[str]:
    for module in modules:
        yield f"{module}：没有比较规则（local/verify/subjects/{module}.py），没有比较"


def result(all_findings: Sequence[Findings], seconds: float) -> str:
    lines = sum(findings.lines for findings in all_findings)
    total = sum(findings.kinds.total() for findings in all_findings)
    if total:
        return f"结果：✗ 有 {total:,} 处差异（{lines:,} 行，{seconds:.1f} 秒）"
    return f"结果：✓ 完全一致（{lines:,} 行，{seconds:.1f} 秒）"
