"""What an openapi request asks for, read from its ``biz``. Unknown names and wrong types are refused, not ignored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.sandbox.answers import Refusal
from local.sandbox.records import Question
from local.sandbox.rows import decode
from local.sandbox.times import moment

LONGEST = timedelta(days=7)
_COMMON = frozenset({"page_index", "page_size"})
_WINDOW = frozenset({"modified_begin", "modified_end"})


@dataclass(frozen=True, slots=True)
class Ids:
    """A request parameter that names rows: their column, how many at most, an array or a comma string."""

    column: str
    most: int
    comma: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One module in this dialect. ``cursor``: parameter of the ts cursor; ``date_types``: date_type value → column;
    ``branches``: the module asked for instead where ``wms_co_id`` names one warehouse; ``totals``: whether data_count
    and page_count are answered; ``listed``: all rows, no condition needed."""

    module: str
    most: int
    ids: dict[str, Ids]
    default: int = 30
    list_key: str = "datas"
    cursor: str = ""
    date_types: dict[int, str] = field(default_factory=dict)
    filters: frozenset[str] = frozenset()
    totals: bool = True
    listed: bool = False
    branches: str = ""

    @property
    def known(self) -> frozenset[str]:
        """The parameters it takes."""
        window = frozenset() if self.listed else _WINDOW
        dated = frozenset({"date_type"}) if self.date_types else frozenset[str]()
        cursor = frozenset({self.cursor}) if self.cursor else frozenset[str]()
        counted = frozenset({"is_get_total"}) if self.cursor and self.totals else frozenset[str]()
        return _COMMON | window | dated | cursor | counted | self.filters | self.ids.keys()


@dataclass(frozen=True, slots=True)
class Wish:
    """A question with its page; ``counted``: whether totals are wanted."""

    question: Question
    index: int
    size: int
    counted: bool


def bad(msg: str) -> Refusal:
    return Refusal(200, 130, msg)


def read(endpoint: Endpoint, text: str) -> Wish:
    """Read the request. Raises Refusal 130 for what cannot be understood, 170 where there is no condition."""
    biz = _parsed(endpoint, text)
    index, size = _integer(biz, "page_index", 1), _integer(biz, "page_size", endpoint.default)
    if index < 1 or size < 1:
        raise bad("page_index 与 page_size 从 1 开始")
    window = _window(endpoint, biz)
    ids = {known.column: _ids(biz[name], name, known) for name, known in endpoint.ids.items() if biz.get(name)}
    since = _integer(biz, endpoint.cursor, 0) if biz.get(endpoint.cursor) is not None else None
    if since is not None and window is not None:
        raise bad(f"{endpoint.cursor} 不能与 modified_begin、modified_end 同时使用")
    if since is None and window is None and not ids and not endpoint.listed:
        raise Refusal(200, 170, "数据完整性校验失败：至少需要一个查询条件")
    status = biz.get("status") or None
    if status is not None and not isinstance(status, str):
        raise bad("参数无法转换：status 必须是字符串")
    question = Question(endpoint.module, window, ids, status, since)
    if wms_co_id := _integer(biz, "wms_co_id", 0):
        question = question.in_branch(endpoint.branches, wms_co_id)
    return Wish(question, index, min(size, endpoint.most), endpoint.totals and _flag(biz, "is_get_total"))


def _parsed(endpoint: Endpoint, text: str) -> dict[str, Any]:
    try:
        biz = decode(text)
    except ValueError:
        raise bad("biz 不是 JSON") from None
    if not isinstance(biz, dict):
        raise bad("biz 必须是 JSON 对象")
    if unknown := biz.keys() - endpoint.known:
        raise bad(f"没有参数 {'、'.join(sorted(unknown))}；可用：{'、'.join(sorted(endpoint.known))}")
    return biz


def _integer(biz: dict[str, Any], name: str, default: int) -> int:
    value = biz.get(name, default)
    if isinstance(value, int | str) and not isinstance(value, bool):
        try:
            return int(value)
        except ValueError:
            pass
    raise bad(f"参数无法转换：{name} 必须是整数")


def _flag(biz: dict[str, Any], name: str) -> bool:
    value = biz.get(name, True)
    if not isinstance(value, bool):
        raise bad(f"参数无法转换：{name} 必须是布尔值")
    return value


def _ids(value: object, name: str, known: Ids) -> list[str]:
    if known.comma != isinstance(value, str):
        raise bad(f"参数无法转换：{name} 必须是{'逗号分隔的字符串' if known.comma else '数组'}")
    wanted = value.split(",") if isinstance(value, str) else value
    if not isinstance(wanted, list) or not all(isinstance(one, int | str) for one in wanted):
        raise bad(f"参数无法转换：{name} 的元素不对")
    if len(wanted) > known.most:
        raise bad(f"{name} 一次最多 {known.most} 个，收到 {len(wanted)}")
    return [str(one).strip() for one in wanted]


def _window(endpoint: Endpoint, biz: dict[str, Any]) -> tuple[str, str, str] | None:
    column = (endpoint.date_types or {0: "modified"}).get(_integer(biz, "date_type", 0))
    if column is None:
        raise bad(f"date_type 只能是 {'、'.join(map(str, endpoint.date_types))}")
    begin, end = biz.get("modified_begin"), biz.get("modified_end")
    if not begin and not end:
        return None
    first, last = moment(begin), moment(end)
    if first is None or last is None:
        raise bad("modified_begin 与 modified_end 必须成对，格式 yyyy-MM-dd HH:mm:ss")
    if last < first:
        raise bad("modified_end 早于 modified_begin")
    if last - first > LONGEST:
        raise bad("modified_begin 与 modified_end 的间隔不能超过 7 天")
    return column, str(begin), str(end)
