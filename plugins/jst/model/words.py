"""The closed vocabularies of the control database, each with the titles people read.

A word is stored as it is spelled here: rows that were written years ago keep their meaning only as long as no word
changes. Titles may change at any time.
"""

from __future__ import annotations

from typing import Literal

RECONCILE_DAG = "jst_reconcile"
Origin = Literal["live", "gap", "initial", "reconcile", "backfill", "redrive", "refresh"]
"""Why a plan exists, and whose share of the request budget it uses."""
ORIGIN_TITLES: dict[Origin, str] = {
    "live": "实时",
    "gap": "补缺口",
    "initial": "首次装载",
    "reconcile": "对账",
    "backfill": "回填",
    "redrive": "重投",
    "refresh": "维表刷新",
}

PlanState = Literal["planned", "pulled", "loaded", "proven", "excepted", "open"]
PLAN_STATE_TITLES: dict[PlanState, str] = {
    "proven": "已证明",
    "excepted": "有例外",
    "loaded": "已装载",
    "pulled": "已拉取",
    "planned": "待拉取",
    "open": "未证明",
}

Proof = Literal["", "counted", "set", "cursor"]
"""What shows that a reading was complete: totals that did not move, the same records twice, or a cursor's end."""
PROOF_TITLES: dict[Proof, str] = {"": "无", "counted": "计数", "set": "逐条", "cursor": "游标"}

LetterState = Literal["open", "parked", "redriven"]
LETTER_TITLES: dict[LetterState, str] = {"open": "待重投", "parked": "已搁置"}
"""A letter that was read again needs no title: it is on no page and in no log."""

CallKind = Literal["ok", "refused", "failed"]
"""How a request to the source ended: answered, refused as one too many, or neither."""

TroubledTask = Literal["pull", "load"]
TroubleNature = Literal["passing", "refused", "hopeless"]
"""What can be done about a task that fails: wait, ask less, or correct something by hand."""

StockKind = Literal["total", "per_warehouse"]
"""What the stock is kept of: a SKU in all warehouses together, or in each of them."""
STOCK_KIND_TITLES: dict[StockKind, str] = {"total": "总库存", "per_warehouse": "分仓库存"}


def stock_facts(read: StockKind | None, shown: StockKind | None) -> dict[str, str]:
    """Return the facts that statements over stock need: which kinds are ``read`` and ``shown``; None: either."""
    either = ", ".join(f"'{kind}'" for kind in STOCK_KIND_TITLES)
    return {"read": f"'{read}'" if read else either, "shown": f"'{shown}'" if shown else either}


NodeState = Literal["serving", "proven", "filling", "away"]
NODE_STATE_TITLES: dict[NodeState, str] = {
    "serving": "正在服务",
    "proven": "已证明，随时可接替",
    "filling": "正在补齐",
    "away": "离开",
}

CertificateState = Literal["proven", "excepted", "open"]
CERTIFICATE_STATE_TITLES: dict[CertificateState, str] = {
    "proven": "已证明",
    "excepted": "完整，但有例外",
    "open": "没有证明",
}
