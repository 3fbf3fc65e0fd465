"""A metric's SQL broken in one place, by rules that know no metric."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for, and what stands there afterwards; applied to one occurrence after the other."""

    name: str
    pattern: str
    instead: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """The ``number``-th place where the rule at ``place`` in RULES applies: ``text`` shows the line before and after,
    ``sql`` is the whole statement afterwards."""

    rule: str
    place: int
    number: int
    text: str
    sql: str


RULES = (
    Rule("FINAL dropped", r" FINAL\b", ""),
    Rule("filter dropped", r"\n\s+AND [^\n]+", ""),
    Rule("filter dropped", r"WHERE (?!enabled)[^\n]+", "WHERE 1"),
    Rule("filter dropped", r"WHERE enabled = 1", ""),
    Rule("condition dropped", r"If\((\w+), [^()]+\)", r"(\1)"),
    Rule("condition dropped", r"countIf\([^()]+\)", "count()"),
    Rule("condition dropped", r"uniqExactIf\((\w+), type IN %\(\w+\)s\)", r"uniqExact(\1)"),
    Rule("half a condition dropped", r"\((\w+ > 0) OR closing > 0\)", r"\1"),
    Rule("half a condition dropped", r"(?<=countIf\()\w+(?: > 0)? AND ", ""),
    Rule("half a condition dropped", r" AND sku != ''", ""),
    Rule("half a condition dropped", r"(?<=countIf\()(\w+) AND \w+(?: <= 0)?", r"\1"),
    Rule("DISTINCT dropped", r"uniqExact\(", "count("),
    Rule("DISTINCT dropped", r"uniqExactIf\(\w+, ", "countIf("),
    Rule("DISTINCT dropped", r"GROUP BY (?:\w+, )*(?:id|sku)$", r"\g<0>, rand64()"),
    Rule("empty denominator", r"if\(b = 0, NULL, (toDecimal256\(a, 12\) / b)\)(?=[\s\S]* ratio\()", r"\1"),
    Rule("empty denominator", r"if\(b = 0, NULL,(?=[\s\S]*\bratio\()", "if(b = 0, 0,"),
    Rule("unknown is 0", r"OrNull\b", ""),
    Rule("unknown is 0", r"= 0, NULL, (?=countIf)", "= 0, 0, "),
    Rule("unknown is 0", r"(?<=sum\(seen\)) = 0", " < 0"),
    Rule("unknown counts", r"If\((\w+), seen > 0\)", r"(\1)"),
    Rule("axis swapped", r"biz_day AS day(?=[^)]*dws_sale_out)", "toDate(ifNull(created, pay_date)) AS day"),
    Rule("axis swapped", r"biz_hour AS hour(?=[^)]*dws_sale_out)", "toHour(ifNull(created, pay_date)) AS hour"),
    Rule("axis swapped", r"biz_day AS day, biz_hour AS hour(?=[^)]*after_sales)",
         "toDate(refund_date) AS day, toHour(refund_date) AS hour"),
    Rule("axis swapped", r"to(Date|Hour)\(refund_date\)", r"to\1(created)"),
    Rule("axis swapped", r"\bio_date <=", "created <="),
    Rule("axis swapped", r"\brefund_date <=", "created <="),
    Rule("axis swapped", r"\bcreated >=", "refund_date >="),
    Rule("fallback dropped", r"coalesce\((\w+), \w+\)", r"\1"),
    Rule("fallback first", r"coalesce\((\w+), (\w+)\)", r"coalesce(\2, \1)"),
    Rule("fallback dropped", r"anyIf\(min_qty, wms_co_id = 0\), ", ""),
    Rule("fallback dropped", r"sum\(min_qty\), ", ""),
    Rule("fallback dropped", r", max\(safety_qty\)", ", NULL"),
    Rule("day shifted", r"toDate\(%\(first\)s\)", r"(\g<0> + 1)"),
    Rule("day shifted", r"toDate\(%\(first\)s\)", r"(\g<0> - 1)"),
    Rule("day shifted", r"toDate\(%\(last\)s\)", r"(\g<0> + 1)"),
    Rule("day shifted", r"toDate\(%\(last\)s\)", r"(\g<0> - 1)"),
    Rule("boundary", r" <= ", " < "),
    Rule("boundary", r" >= ", " > "),
    Rule("boundary", r" > (?=0\b)", " >= "),
    Rule("boundary", r" < ", " <= "),
    Rule("number changed", r"\b90\b", "91"),
    Rule("number changed", r"\b90\b", "89"),
    Rule("number changed", r"(?<=least\()7\b", "8"),
    Rule("number changed", r"(?<=least\()7\b", "6"),
    Rule("number changed", r"\b7(?=\)\)\)\) AS)", "1"),
    Rule("number changed", r"\b6(?= \+)", "5"),
    Rule("number changed", r"\b6(?= \+)", "7"),
    Rule("number changed", r"(?<=range\()8", "7"),
    Rule("number changed", r"\b3600\b", "60"),
    Rule("number changed", r"(?<=\)s\)) - [17]\b", ""),
    Rule("number changed", r"greatest\(1,", "greatest(2,"),
    Rule("number changed", r" \+ 1(?=, 7\))", ""),
    Rule("today like any day", r"\((?:day|week_of) = today\)", "0"),
    Rule("today like any day", r" - toIntervalDay\(after\)", ""),
    Rule("column swapped", r"sumOrNull\((?!(?:virtual_qty|oversold|safety|below_zero)\b)\w+\)",
         "sumOrNull(virtual_qty)"),
    Rule("column swapped", r"sumOrNull\((?:virtual_qty|oversold|safety|below_zero)\)", "sumOrNull(1)"),
    Rule("column swapped", r"sum\((?:out_amount|gmv|discount_amount|platform_fee)\)(?![\s\S]*known_amount)",
         "sum(paid_amount)"),
    Rule("column swapped", r"sum\((?:known_amount|cost_amount)\)", "sum(out_amount)"),
    Rule("column swapped", r"(?<=\()sum\((?:qty|freight_amount)\)", "sum(discount_amount)"),
    Rule("column swapped", r"sum\(paid_amount\)", "sum(out_amount)"),
    Rule("column swapped", r"sum\(return_qty\)", "sum(refund_amount)"),
    Rule("column swapped", r"(?<=round\()sum\(refund_amount\)|sum\(refund_amount\)(?=, uniq)", "sum(return_qty)"),
    Rule("column swapped", r"\b(this_day|day_before)\), ", "out_amount), "),
    Rule("term dropped", r" - sum\(\w+\)", ""),
    Rule("term dropped", r" - 1(?=, \d\) AS value)", ""),
    Rule("word swapped", r"'(换货|仅退款|待审核|已收货|已取消)'", "'普通退货'"),
    Rule("word swapped", r"IN %\(return_refund_types\)s", "IN ('普通退货')"),
    Rule("abnormal counted", r"if\(is_abnormal, 0, qty\)", "qty"),
    Rule("abnormal counted", r"sumIf\(qty, NOT is_abnormal\)", "sum(qty)"),
    Rule("normal counted", r"sumIf\(qty, is_abnormal\)", "sum(qty)"),
    Rule("negative rows not counted", r"sum\(qty\) AS on_hand", "sumIf(qty, NOT is_abnormal) AS on_hand"),
    Rule("negative rows not counted", r"sum\(oversold_qty\)", "sumIf(oversold_qty, NOT is_abnormal)"),
    Rule("rounded down", r"round\((?=(?:if\([^,]+, NULL,\s+)?ratio)", "floor("),
    Rule("part dropped", r"UNION ALL(?!\s+SELECT orders)", "EXCEPT ALL"),
    Rule("part dropped", r", 0, 1$", ", 0, 0"),
    Rule("joined by another key", r"orders\.(o_id|io_id) = refunds\.\1", r"orders.\1 = refunds.sku_id"),
)  # fmt: skip


def mutants(sql: str) -> Iterator[Mutant]:
    """Every rule broken at every place it applies to."""
    bare = re.sub(r" *--[^\n]*\n", "", sql)
    for place, rule in enumerate(RULES):
        for number, found in enumerate(re.finditer(rule.pattern, bare, re.MULTILINE)):
            instead = found.expand(rule.instead)
            broken = bare[: found.start()] + instead + bare[found.end() :]
            before = _lines(bare, found.start(), len(found[0]))
            after = _lines(broken, found.start(), len(instead))
            yield Mutant(rule.name, place, number, f"{before} → {after}", broken)


def _lines(sql: str, start: int, length: int) -> str:
    """The whole lines a part stands on, as one."""
    return " ".join(sql[sql.rfind("\n", 0, start) + 1 : sql.find("\n", start + length)].split())
