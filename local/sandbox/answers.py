"""The flat envelope of the gateway dialect, and how faults spoil it. Parts and rows are JSON texts until the end."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.sandbox.kinds import Kind
from local.sandbox.rows import decode, encode

MOBILE = "13912345678"


class Strikes(Protocol):
    """Whether a fault strikes this request (one of these rows of it): its options, or None."""

    def __call__(self, fault: str, keys: Collection[str] = ()) -> dict[str, Any] | None: ...


class Dropped(Response):
    """Closes the connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut = scope.get("extensions", {}).get("sandbox.cut")
        if cut is None:
            raise ConnectionResetError("dropped")
        cut()
        # Until the server has noticed the cut it would answer for us.
        while (await receive())["type"] != "http.disconnect":
            pass


def document(content: str, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")


def refused(status: int, code: int, msg: str, request_id: str) -> Response:
    answer = document(encode({"code": code, "msg": msg, "request_id": request_id}), status)
    if status == 429:
        answer.headers["Retry-After"] = "1"
    return answer


def answered(rows: list[str], total: int, has_next: bool, request_id: str, strikes: Strikes) -> Response:
    """The answer to a good request; ``rows`` are spoiled already."""
    parts = {
        "code": "0",
        "msg": '""',
        "datas": f"[{','.join(rows)}]",
        "has_next": encode(has_next),
        "total": str(total),
        "request_id": encode(request_id),
    }
    if strikes("datas_null"):
        parts["datas"] = "null"
    if strikes("numbers_as_strings"):
        parts["datas"], parts["total"] = _strings(parts["datas"]), f'"{total}"'
    for name in ("datas", "has_next", "total"):
        if strikes(f"missing_{name}" if name == "datas" else f"{name}_missing"):
            del parts[name]
    content = "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"
    return document(content[: len(content) * 6 // 10] if strikes("truncated_json") else content)


def spoil(kind: Kind, rows: list[tuple[str, str]], strikes: Strikes) -> list[str]:
    """The rows (key, text) as texts, after the faults that spoil rows; each of them takes a row of its own."""
    texts, sound = dict(rows), dict(rows)
    if (key := _with_lines(sound)) and strikes("mixed_line_keys"):
        row = decode(sound.pop(key))
        del row["items"][-1]["ioi_id"]
        texts[key] = encode(row)
    if sound and (fault := strikes("missing_key", sound)):
        for key in _chosen(sound, fault["keys"]):
            row = decode(sound.pop(key))
            texts[key] = encode({name: value for name, value in row.items() if name not in kind.key})
    if sound and (fault := strikes("garbled_record", sound)):
        for key in _chosen(sound, fault["keys"]):
            texts[key] = _garbled(sound.pop(key), fault["form"])
    if texts and strikes("unknown_field"):
        return [f'{{"sandbox_unknown":"x",{text[1:]}' if text[0] == "{" else text for text in texts.values()]
    return list(texts.values())


def _chosen(sound: dict[str, str], keys: list[str]) -> list[str]:
    return [key for key in keys if key in sound] if keys else [next(iter(sound))]


def _with_lines(sound: dict[str, str]) -> str:
    return next((key for key, text in sound.items() if text.count('"ioi_id"') > 1), "")


def _garbled(text: str, form: str) -> str:
    if form == "qty":
        row = decode(text)
        lines = row.get("items") or [row]
        lines[0]["qty"] = "abc"
        return encode(row)
    return encode(f'{text[:40]},"receiver_mobile":"{MOBILE}","recei')


def _strings(datas: str) -> str:
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(part) for name, part in value.items()}
        if isinstance(value, list):
            return [walk(part) for part in value]
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return str(value) if is_number else value

    return encode(walk(decode(datas)))
