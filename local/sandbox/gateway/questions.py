"""What a gateway request asks for, read from its JSON body. Numbers given as strings are accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.sandbox.answers import Refusal
from local.sandbox.records import Question
from local.sandbox.times import moment

LONGEST = timedelta(days=7)
MOST_IDS = 50


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One module in the gateway dialect. ``ids``: request parameter → column; ``date_types``: value → column;
    ``branches``: the module asked for instead where ``wms_co_id`` names one warehouse."""

    module: str
    most: int
    per_second: int
    scope: str
    ids: dict[str, str]
    date_types: dict[int, str] = field(default_factory=lambda: {0: "modified"})
    needs_window: bool = True
    branches: str = ""


def bad(msg: str) -> Refusal:
    return Refusal(400, 40001, msg)


def read(endpoint: Endpoint, body: dict[str, Any]) -> tuple[Question, int, int]:
    """Return the question, page index and page size. Raises Refusal 400."""
    page_index = _integer(body, "page_index", 1)
    page_size = _integer(body, "page_size", endpoint.most)
    if page_size > endpoint.most:
        raise Refusal(400, 40002, f"page_size 最大 {endpoint.most}，收到 {page_size}")
    if page_index < 1 or page_size < 1:
        raise bad("page_index 与 page_size 从 1 开始")
    ids = {column: _ids(body[name], name) for name, column in endpoint.ids.items() if body.get(name)}
    window = _window(endpoint, body)
    if window is None and not ids and endpoint.needs_window:
        raise bad(f"缺少查询条件：start_time 与 end_time，或 {'、'.join(endpoint.ids)}")
    status = body.get("status") or None
    if status is not None and not isinstance(status, str):
        raise bad("status 必须是字符串")
    question = Question(endpoint.module, window, ids, status)
    if endpoint.branches and (wms_co_id := _integer(body, "wms_co_id", 0)):
        question = question.in_branch(endpoint.branches, wms_co_id)
    return question, page_index, page_size


def _integer(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, int | str) and not isinstance(value, bool):
        try:
            return int(value)
        except ValueError:
            pass
    raise bad(f"{name} 必须是整数")


def _ids(value: object, name: str) -> list[str]:
    """Read ids from a JSON array or a comma string."""
    wanted = value.split(",") if isinstance(value, str) else value
    if not isinstance(wanted, list) or not all(isinstance(one, int | str) for one in wanted):
        raise bad(f"{name} 必须是数组")
    if len(wanted) > MOST_IDS:
        raise bad(f"{name} 一次最多 {MOST_IDS} 个，收到 {len(wanted)}")
    return [str(one).strip() for one in wanted]


def _window(endpoint: Endpoint, body: dict[str, Any]) -> tuple[str, str, str] | None:
    column = endpoint.date_types.get(_integer(body, "date_type", 0))
    if column is None:
        raise bad(f"date_type 只能是 {'、'.join(map(str, endpoint.date_types))}")
    start_text, end_text = body.get("start_time"), body.get("end_time")
    if not start_text and not end_text:
        return None
    start, end = moment(start_text), moment(end_text)
    if start is None or end is None:
        raise bad("start_time 与 end_time 必须成对，格式 yyyy-MM-dd HH:mm:ss")
    if end < start:
        raise bad("end_time 早于 start_time")
    if end - start > LONGEST:
        raise bad("时间窗口最长 7 天")
    return column, str(start_text), str(end_text)
