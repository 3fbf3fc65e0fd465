"""Why a line is proposed: one Chinese sentence with its figures."""

from __future__ import annotations

from datetime import date, timedelta

from jst.replenishment.terms import LONGEST_DAYS, Params
from jst.replenishment.transfers import Move, Need


def reason_of_order(need: Need, qty: int, wanted: int, come: int, params: Params, today: date) -> str:
    """Explain a purchase of ``qty`` pieces, ``wanted`` without the budget; ``come``: pieces that are moved in."""
    state = need.state
    parts = [*_situation(need, params, today)]
    moved = f"、调入 {come}" if come else ""
    parts.append(f"{_has(need)}{moved}，缺 {_pieces(need.target - state.position - come)} 件")
    pack = f"按 {params.pack_size} 件一装" if params.pack_size > 1 else ""
    if qty < wanted:
        parts.append(f"{pack}要订 {wanted} 件，预算只够 {qty} 件" if qty else f"{pack}要订 {wanted} 件，预算已用完")
    else:
        parts.append(f"{pack}订 {qty} 件")
    if not need.by_rule and state.max_qty and need.target > state.max_qty:
        parts.append(f"高于 ERP 上限 {_pieces(state.max_qty)} 件，以销量为准")
    if params.budget is not None and not state.cost_price:
        parts.append("成本价未知，没有计入预算")
    return "；".join(parts)


def reason_of_move(move: Move, params: Params, today: date) -> str:
    """Explain a move."""
    source = move.source
    keeps = _pieces(source.state.available - move.qty)
    return "；".join(
        (
            *_situation(move.to, params, today),
            f"{_has(move.to)}，缺 {_pieces(move.to.target - move.to.state.position)} 件",
            f"从{source.state.warehouse_name or source.state.wms_co_id}调 {move.qty} 件，那里还留 {keeps} 件，"
            f"自己只要 {source.target} 件",
        )
    )


def _situation(need: Need, params: Params, today: date) -> tuple[str, ...]:
    demand, state = need.demand, need.state
    if need.by_rule:
        return (f"{demand.basis}，按 ERP 上下限 {need.least}–{need.target} 件",)
    if not demand.daily:
        return (f"{demand.basis}，没有卖出，只补超卖的",)
    spread = f"±{params.lead_spread_days}" if params.lead_spread_days else ""
    floor = "（ERP 下限）" if state.min_qty and need.least == round(state.min_qty) else ""
    return (
        f"{demand.basis}，{demand.pattern}，平日日均 {demand.daily:.2g} 件"
        if demand.daily < 10
        else f"{demand.basis}，{demand.pattern}，平日日均 {demand.daily:.0f} 件",
        f"到货前 {params.lead_days}{spread} 天按 {params.service_level * 100:g}% 不断货要备 {need.least} 件{floor}，"
        f"加上覆盖 {need.cover_days} 天共 {need.target} 件",
        _runs_out(need, today),
    )


def _runs_out(need: Need, today: date) -> str:
    if need.state.available <= 0:
        return "现在已经断货"
    if need.lasts is None:
        return f"{LONGEST_DAYS} 天内卖不完"
    day = today + timedelta(days=int(need.lasts))
    return f"不补 {day.month} 月 {day.day} 日卖完"


def _has(need: Need) -> str:
    state = need.state
    parts = [f"现有 {_pieces(state.qty)}"]
    if state.locked:
        parts.append(f"占用 {_pieces(state.locked)}")
    if state.locked > state.qty:
        parts.append(f"超卖 {_pieces(state.locked - state.qty)}")
    if state.in_transit:
        parts.append(f"在途 {_pieces(state.in_transit)}")
    return "、".join(parts)


def _pieces(number: float) -> str:
    return f"{number:g}"
