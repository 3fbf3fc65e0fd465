"""Answers of both dialects, and how faults spoil them. Parts and rows are JSON texts until the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


class Refusal(Exception):
    """An error answer: HTTP ``status``, the source's ``code`` and a Chinese message."""

    def __init__(self, status: int, code: int, msg: str) -> None:
        super().__init__(msg)
        self.status, self.code, self.msg = status, code, msg


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


def cut_short(content: str, strikes: Strikes) -> Response:
    """Return the answer to a good request, whole or broken off."""
    return document(content[: len(content) * 6 // 10] if strikes("truncated_json") else content)


def joined(parts: dict[str, str]) -> str:
    """Return a JSON object of parts that are JSON already."""
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"


def odd_parts(parts: dict[str, str], list_key: str, totals: Sequence[str], strikes: Strikes) -> None:
    """Let the faults that spoil the parts around the rows change them."""
    if strikes("datas_null"):
        parts[list_key] = "null"
    if strikes("numbers_as_strings"):
        parts[list_key] = as_strings(parts[list_key])
        parts.update({name: f'"{parts[name]}"' for name in totals if name in parts})
    if fault := strikes("has_next_odd"):
        said = parts["has_next"]
        parts["has_next"] = f'"{said}"' if fault["form"] == "text" else str(int(said == "true"))
    for fault_name, names in (
        ("missing_datas", (list_key,)),
        ("has_next_missing", ("has_next",)),
        ("total_missing", totals),
    ):
        if strikes(fault_name):
            for name in names:
                parts.pop(name, None)


def spoil(kind: Kind, rows: list[tuple[str, str]], strikes: Strikes) -> list[str]:
    """Return the rows (key, text) as texts, after the faults that spoil rows; each of them takes a row of its own."""
    texts, sound = dict(rows), dict(rows)
    if kind.line_key and (key := _with_lines(sound, kind.line_key)) and strikes("mixed_line_keys"):
        row = decode(sound.pop(key))
        del row["items"][-1][kind.line_key]
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


def _with_lines(sound: dict[str, str], line_key: str) -> str:
    return next((key for key, text in sound.items() if text.count(f'"{line_key}"') > 1), "")


def _garbled(text: str, form: str) -> str:
    if form == "qty":
        row = decode(text)
        lines = row.get("items") or [row]
        lines[0]["qty"] = "abc"
        return encode(row)
    return encode(f'{text[:40]},"receiver_mobile":"{MOBILE}","recei')


def as_strings(datas: str) -> str:
    """Return the same with every number as a string."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(part) for name, part in value.items()}
        if isinstance(value, list):
            return [walk(part) for part in value]
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return str(value) if is_number else value

    return encode(walk(decode(datas)))
