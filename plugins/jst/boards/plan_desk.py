"""Ask for replenishment plans on the board, follow them, fetch their files, and look back at them.

Blocks: routes use it outside the event loop, several threads may share it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from threading import Lock
from typing import Any, Protocol, TypeVar

from jst.boards.board_spec import Words
from jst.boards.scopes import BOARDS, Ask
from jst.clock import SHANGHAI, Clock
from jst.control.replenishments import Replenishment, Replenishments
from jst.errors import JstError, Misconfigured
from jst.ledger.english import english
from jst.replenishment.plan_file import Heading, file_name, plan_file
from jst.replenishment.plan_form import Field, WrongParam, load_form, read_params, sentence_of_params, stored_params
from jst.replenishment.plan_lines import file_lines
from jst.warehouse.sql import statement

T = TypeVar("T")
_FINANCE = "boards_finance"
_STARTS_WITHIN = timedelta(minutes=1)
"""A plan whose run is not known after this long will not come: the process that asked for it was killed."""
_STATES: Mapping[str, Words] = {
    "waiting": {"zh": "等待开始", "en": "waiting to start"},
    "running": {"zh": "正在计算", "en": "being made"},
    "done": {"zh": "已完成", "en": "done"},
    "failed": {"zh": "没有做成", "en": "failed"},
}
_LISTED = (
    ("plan", "编号", "No.", "text"),
    ("made_at", "时间", "Asked at", "time"),
    ("made_by", "谁要的", "By", "text"),
    ("state", "状态", "State", "text"),
    ("params", "参数", "Asked for", "text"),
    ("lines", "行数", "Lines", "count"),
    ("amount", "采购金额", "Purchase", "money"),
    ("outcome", "后来怎样", "What came of it", "text"),
    ("file", "文件", "File", "count"),
)
_OUTCOME: Words = {
    "zh": "看到 {0:%m-%d}：{1} 个商品里 {2} 个到了货（{3:,.0f} 件，计划采购 {4:,.0f} 件），{5} 个已下单未到，"
    "{6} 个仍断过货；卖出 {7:,.0f} 件",
    "en": "Until {0:%m-%d}: of {1} products {2} arrived ({3:,.0f} pcs; {4:,.0f} were proposed), {5} are ordered, "
    "{6} ran out nevertheless; {7:,.0f} pcs sold",
}


class Runs(Protocol):
    """Airflow, as far as a board starts plans in it."""

    def start(self, run_id: str, params: Mapping[str, Any], by: str) -> None:
        """Start a run of this id, once however often it is asked for. Raises JstError with a sentence when it cannot
        run."""

    def state(self, run_id: str) -> str:
        """Return a run's state in Airflow's words, '' when there is none of this id."""


class AlreadyOpen(Misconfigured):
    """The person has another plan that is still being made."""


class NoSuchPlan(Misconfigured):
    """There is no plan of this number, or it has no file."""


class PlanDesk:
    """``records``: does something with the plans of the control database."""

    def __init__(
        self, ask: Ask, records: Callable[[Callable[[Replenishments], Any]], Any], runs: Runs, clock: Clock
    ) -> None:
        self._ask, self._records, self._runs, self._clock = ask, records, runs, clock
        self._packing = Lock()

    def form(self, viewer: str, lang: str) -> dict[str, Any]:
        """Describe the fields a person fills in."""
        chosen = self._choices(viewer)
        return {"fields": [_shown(field, chosen.get(name, []), lang) for name, field in load_form().items()]}

    def start(self, viewer: str, given: Mapping[str, Any]) -> int:
        """Start a plan and return its number; the open one of the same person where it asks for the same. Raises
        WrongParam or Misconfigured before anything runs, and AlreadyOpen."""
        params = stored_params(read_params(given))
        for name, known in self._choices(viewer).items():
            if missing := [str(each) for each in params[name] if str(each) not in {value for value, _ in known}]:
                title = load_form()[name].title["zh"]
                raise WrongParam(
                    name, f"{title} {name} 里没有 {'、'.join(missing)[:100]} 的库存", f"从现有的{title}里选"
                )
        run_id = f"board__{self._clock.now().astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}_{secrets.token_hex(4)}"
        plan: Replenishment = self._asked(run_id, viewer, params)
        if plan.run_id != run_id:
            if plan.params != params:
                raise AlreadyOpen(f"您的补货计划 {plan.replenishment_id} 还在计算", do="等它完成再做下一份")
            return plan.replenishment_id
        try:
            self._runs.start(run_id, params, viewer)
        except JstError as error:
            why = error.what
            self._records(lambda records: records.fail(plan.replenishment_id, why))
            raise
        return plan.replenishment_id

    def state(self, replenishment_id: int, lang: str, *, finance: bool) -> dict[str, Any]:
        """Say how far a plan is. Raises NoSuchPlan."""
        plan = self._settled(self._plan(replenishment_id))
        return {
            "plan": plan.replenishment_id,
            "state": plan.state,
            "words": _words(plan, lang),
            "share": plan.share,
            "lines": plan.lines,
            "amount": str(plan.amount) if finance and plan.amount is not None else None,
            "file": plan.state == "done",
        }

    def file(self, replenishment_id: int, viewer: str, *, finance: bool) -> tuple[str, bytes]:
        """Make the file of a plan for a viewer, with cost for role finance: its name and its content. Raises
        NoSuchPlan."""
        plan = self._plan(replenishment_id)
        if plan.state != "done":
            raise NoSuchPlan(f"补货计划 {replenishment_id} 没有文件：{_words(plan, 'zh')}", do="等它完成，或重新做一份")
        login = _FINANCE if finance else BOARDS
        lines = file_lines(lambda sql, given: self._ask(login, viewer, sql, given), replenishment_id, cost=finance)
        heading = Heading(replenishment_id, plan.moved_at, plan.asked_by, _shown_params(plan.params))
        with self._packing:  # a large plan takes seconds of the web server's processor: one at a time
            return file_name(heading), plan_file(heading, lines)

    def listed(self, viewer: str, lang: str, *, finance: bool) -> dict[str, Any]:
        """List the plans and what came of them, the newest first."""
        plans: Sequence[Replenishment] = [self._settled(plan) for plan in self._records(lambda each: each.listed())]
        known = [plan.replenishment_id for plan in plans if plan.state == "done"]
        rows = self._ask(BOARDS, viewer, statement("replenishment/outcomes"), {"ids": known}) if known else []
        outcomes = {row[0]: _OUTCOME[lang].format(*row[1:]) for row in rows}
        columns: dict[str, list[Any]] = {
            "plan": [plan.replenishment_id for plan in plans],
            "made_at": [f"{plan.asked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" for plan in plans],
            "made_by": [plan.asked_by for plan in plans],
            "state": [_listed_state(plan, lang) for plan in plans],
            "params": [sentence_of_params(plan.params, lang) for plan in plans],
            "lines": [plan.lines for plan in plans],
            "amount": [_text(plan.amount) for plan in plans],
            "outcome": [outcomes.get(plan.replenishment_id, "") for plan in plans],
            "file": [int(plan.state == "done") for plan in plans],
        }
        shown = [each for each in _LISTED if finance or each[0] != "amount"]
        return {
            "title": "补货计划" if lang == "zh" else "Replenishment plans",
            "columns": [
                {"name": name, "title": zh if lang == "zh" else en, "unit": "", "format": form, "metric": None}
                for name, zh, en, form in shown
            ],
            "rows": {name: columns[name] for name, *_ in shown},
            "words": "" if plans else "还没有做过补货计划" if lang == "zh" else "No plan has been made yet",
        }

    def _asked(self, run_id: str, viewer: str, params: Mapping[str, Any]) -> Replenishment:
        """Note the plan. One that is open only because its run ended without a word makes room for it."""
        plan: Replenishment = self._records(lambda records: records.ask(run_id, viewer, params))
        if plan.run_id != run_id and not self._settled(plan).is_open:
            plan = self._records(lambda records: records.ask(run_id, viewer, params))
        return plan

    def _plan(self, replenishment_id: int) -> Replenishment:
        plan: Replenishment | None = self._records(lambda records: records.one(replenishment_id))
        if plan is None:
            raise NoSuchPlan(f"没有补货计划 {replenishment_id}", do="从补货计划的列表里打开")
        return plan

    def _settled(self, plan: Replenishment) -> Replenishment:
        """Close a plan whose run has ended without saying so: its task was killed, or the DAG was paused."""
        if not plan.is_open:
            return plan
        state = self._runs.state(plan.run_id)
        if state in ("queued", "running") or (not state and self._clock.now() - plan.asked_at < _STARTS_WITHIN):
            return plan
        why = plan.progress if state == "failed" and plan.progress else "这次运行没有做完，请值班看 Airflow 里的日志"
        self._records(lambda records: records.fail(plan.replenishment_id, why))
        return self._plan(plan.replenishment_id)

    def _choices(self, viewer: str) -> dict[str, list[tuple[str, str]]]:
        ((categories, warehouses),) = self._ask(BOARDS, viewer, statement("replenishment/choices"), {})
        return {
            "category": [(name, name) for name in categories],
            "warehouse": [(str(number), name or str(number)) for number, name in warehouses],
        }


def _shown(field: Field, choices: Sequence[tuple[str, str]], lang: str) -> dict[str, Any]:
    chosen = field.kind in ("texts", "integers")
    return {
        "name": field.name,
        "title": field.title[lang],
        "help": field.help[lang],
        "kind": "choices" if chosen else "number",
        "default": field.default,
        "least": field.least,
        "most": field.most,
        "step": {"integer": 1, "number": 0.01, "money": 0.01}.get(field.kind),
        "unit": field.unit[lang] if field.unit else "",
        "optional": chosen or field.kind == "money",
        "choices": [{"value": value, "name": name} for value, name in choices],
    }


def _shown_params(params: Mapping[str, Any]) -> dict[str, str]:
    """Title → value with its unit, of what was filled in."""
    form = load_form()
    said = {name: sentence_of_params({name: value}) for name, value in params.items() if name in form}
    return {
        form[name].title["zh"]: text.removeprefix(form[name].title["zh"]).strip() for name, text in said.items() if text
    }


def _words(plan: Replenishment, lang: str) -> str:
    if plan.state == "done":
        return f"已完成，{plan.lines} 行" if lang == "zh" else f"Done, {plan.lines} lines"
    said = plan.progress or _STATES[plan.state][lang]
    return said if lang == "zh" else english(said)


def _listed_state(plan: Replenishment, lang: str) -> str:
    state = _STATES[plan.state][lang]
    return f"{state}：{_words(plan, lang)}" if plan.state == "failed" and plan.progress else state


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
