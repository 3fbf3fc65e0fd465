"""Reading what both dialects have in common: a JSON object with code, msg and request_id, and a list of rows in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import msgspec

from jst.erp.dialect import Answer
from jst.erp.error_signals import Signal, harmless, refusal
from jst.errors import JstError, Retry, Where

Object = dict[str, object]
SignalOf = Callable[[int, int, str], Signal]
"""(HTTP status, code, message) → what we have to do."""

AGAIN = "系统会自动再试；持续出现时联系聚水潭并给出 request_id 或时刻"

_decode = msgspec.json.Decoder(float_hook=str).decode
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_tag = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def opened(answer: Answer, signal_of: SignalOf, *secrets: str) -> tuple[Object, Where]:
    """Return the envelope of an answer that says success, decimals as exact text, and where it came from.

    Raises what ``signal_of`` orders for any other, quoting the source's words without ``secrets``; Retry for what is
    no complete JSON object or names no code."""
    envelope = _envelope(answer)
    where = Where(request_id=_request_id(envelope), ticket=answer.ticket)
    code = parse_int(envelope.get("code")) if envelope is not None else None
    if answer.status != 200 or code:
        words = str(envelope.get("msg") or "") if envelope is not None else _looks(answer)
        raise refused(answer, signal_of, code or 0, words, where, *secrets)
    if envelope is None:
        raise Retry(
            f"聚水潭的答复不是完整的 JSON（{harmless(_looks(answer), *secrets, most=160)}）", do=AGAIN, where=where
        )
    if code is None:
        raise Retry("聚水潭的答复里没有 code", do=AGAIN, where=where)
    if any(yes_or_no(envelope.get(word)) is False for word in ("issuccess", "success")):
        raise refused(answer, signal_of, 0, str(envelope.get("msg") or "issuccess 为 false"), where, *secrets)
    return envelope, where


def refused(answer: Answer, signal_of: SignalOf, code: int, words: str, where: Where, *secrets: str) -> JstError:
    """Return the error for a code other than 0, whichever part of the answer named it."""
    signal = signal_of(answer.status, code, words)
    return refusal(signal, answer.status, code, harmless(words, *secrets), answer.headers, answer.received, where)


def rows_of(holder: Object, key: str, where: Where) -> tuple[object, ...]:
    """Return the list at ``key``; raises Retry when there is none: null is not "no data"."""
    rows = holder.get(key)
    if rows is None:
        state = f" {key} 为 null" if key in holder else f"没有 {key}"
        raise Retry(f"聚水潭的答复里{state}，不能当作没有数据", do=AGAIN, where=where)
    if not isinstance(rows, list):
        raise Retry(f"聚水潭的答复里 {key} 不是列表", do=AGAIN, where=where)
    return tuple(rows)


def count_of(holder: Object, key: str, where: Where) -> int | None:
    """Return the number of rows at ``key``, None when it is not given."""
    if holder.get(key) is None:
        return None
    count = parse_int(holder[key])
    if count is None or count < 0:
        raise Retry(f"聚水潭的答复里 {key} 不是条数", do=AGAIN, where=where)
    return count


def yes_or_no(value: object) -> bool | None:
    """Read true, "true", 1 and their opposites; None for anything else."""
    said = value.strip().lower() if isinstance(value, str) else value
    if said in (True, "true", "1"):
        return True
    return False if said in (False, "false", "0") else None


def parse_int(value: object) -> int | None:
    """Read 12, "12" and 12.0 as an integer; None for anything else, True included."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text.partition(".")[0]) if re.fullmatch(r"-?[0-9]{1,18}(\.0*)?", text, re.ASCII) else None


def _envelope(answer: Answer) -> Object | None:
    body = _as_utf8(answer)
    for decode in (_decode, _decode_leniently):
        try:
            decoded = decode(body)
        except (ValueError, RecursionError):
            continue
        return decoded if isinstance(decoded, dict) else None
    return None


def _as_utf8(answer: Answer) -> bytes:
    """Return the body in UTF-8 without a byte order mark, read by its mark, else as what the answer says it is."""
    for mark, encoding in _MARKS:
        if answer.body.startswith(mark):
            return answer.body.removeprefix(mark).decode(encoding, "replace").encode()
    try:
        answer.body.decode()
    except UnicodeDecodeError:
        return _from_declared(answer)
    return answer.body


def _from_declared(answer: Answer) -> bytes:
    named = re.search(r"charset=[\"']?([\w-]+)", answer.headers.get("content-type", ""), re.ASCII)
    try:
        return answer.body.decode(named[1] if named else "utf-8").encode()
    except (UnicodeDecodeError, LookupError):
        return answer.body


def _decode_leniently(body: bytes) -> object:
    """One row's stray byte, raw tab or half emoji must not hide the other rows; broken structure still raises."""
    return json.loads(body.decode("utf-8", "replace"), parse_float=str, parse_constant=str, strict=False)


def _request_id(envelope: Object | None) -> str:
    text = str((envelope or {}).get("request_id") or "")
    return text if re.fullmatch(r"[\w.:-]{1,64}", text, re.ASCII) else ""


def _looks(answer: Answer) -> str:
    """Describe an unreadable body. The beginning of broken JSON may be a person's data: only its size."""
    kind = answer.headers.get("content-type", "没有 content-type")
    text = _as_utf8(answer)[:4096].decode("utf-8", "replace").lstrip()
    if not text or text[0] in '{["':
        return f"{kind}，{len(answer.body)} 字节，中途断开或有坏字符"
    words = dict.fromkeys(filter(None, map(str.strip, _tag.split(text))))  # a page's title is often its heading, too
    return f"{kind}，开头：{' '.join(words)}"
