"""What of an unreadable row may go into a dead letter, and what of a foreign text may go into a message.

Nothing personal: not a phone number in any spelling, not a value behind a personal key, not a word of free Chinese
text from a row that has no shape (it may be a name or an address). What was lost is read again at the source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from unicodedata import decimal

from jst.model.module import Module

LARGEST_BYTES = 64 * 1024
"""Bytes of UTF-8, the mark of a cut included."""

_PHONE = "［电话］"
_MASKED = "［已隐去］"
_GAP = r"[-._·\s\u200b()（）]{0,3}"
_MOBILE = re.compile(rf"(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}")
_BARE_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)86[-\s]?\d{2,3}|[(（]0\d{2,3}[)）]|0\d{2,3})[-\s]{0,2}\d{3,4}[-\s]?\d{4}(?!\d)"
)
_LONG_NUMBER = re.compile(r"(?<![\d+])(?!861[3-9]\d{9}(?!\d))([1-9]\d{11,})")
"""Longer than any phone number."""
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_CHINESE = re.compile(rf"({_PHONE}|{_MASKED})|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_PERSONAL = (
    r"receiver|buyer|consignee|mobile|phone|\btel|address|contact|nick|real_?name|id_?card|open_?id"
    r"|收货人|收件人|买家|姓名|手机|电话|地址|身份证"
)


def scrub(row: object, module: Module) -> str:
    """Return the text of a dead letter, at most LARGEST_BYTES. Of an object only allow-listed fields stay."""
    hide = _text_mask(module)
    if isinstance(row, Mapping):
        text = json.dumps(_allowed(row, module, hide), ensure_ascii=False)
    elif isinstance(row, list):
        kept = [_allowed(item, module, hide) if isinstance(item, Mapping) else _shapeless(item, hide) for item in row]
        text = json.dumps(kept, ensure_ascii=False)
    elif isinstance(row, str):
        text = str(_shapeless(row, hide))
    else:
        text = mask_phones(json.dumps(row, ensure_ascii=False, default=str))
    return _cut(text)


def mask_phones(text: str) -> str:
    """Replace mobile and landline numbers, also with +86, blanks, dashes or full-width digits."""
    if not text.isascii():
        text = _FOREIGN_DIGIT.sub(lambda digit: str(decimal(digit[0])), text)
    for pattern in (_MOBILE, _LANDLINE, _BARE_MOBILE):
        text = pattern.sub(_PHONE, text)
    return text


def mask_phones_in_id(text: str) -> str:
    """Replace phone numbers as ``mask_phones`` does, but leave a number that is longer than one: an id with a hole does
    not find its record, neither at the source nor here."""
    pieces = _LONG_NUMBER.split(text)
    return "".join(piece if number % 2 else mask_phones(piece) for number, piece in enumerate(pieces))


def _text_mask(module: Module) -> Callable[[str], str]:
    """Return a function that hides what stands behind personal keys, in JSON (broken or quoted again) and in
    ``key=value``."""
    ignored = "".join(rf"|(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])" for name in sorted(module.ignored))
    behind_key = re.compile(
        rf"((?:{_PERSONAL}{ignored})\w{{0,40}}[\\\"']{{0,8}}\s{{0,8}}[:=：]\s{{0,8}})"
        r"(?:(\\*[\"']).*?(?:(?<!\\)\2|\Z)|[\[{].*\Z|[^,}\]&;\n]*)",
        re.DOTALL | re.IGNORECASE,
    )
    return lambda text: mask_phones(behind_key.sub(rf"\1{_MASKED}", text))


def _allowed(row: Mapping[str, object], module: Module, hide: Callable[[str], str]) -> dict[str, object]:
    out = {name: _scalar(row[name], kind, hide) for name, kind in module.fields.items() if name in row}
    if module.lines and module.lines in row:
        out[module.lines] = _lines(row[module.lines], module, hide)
    return out


def _lines(lines: object, module: Module, hide: Callable[[str], str]) -> object:
    if not isinstance(lines, list):
        return _shapeless(lines, hide)
    kinds = module.line_fields
    return [
        {name: _scalar(line[name], kind, hide) for name, kind in kinds.items() if name in line}
        if isinstance(line, Mapping)
        else _shapeless(line, hide)
        for line in lines
    ]


def _scalar(value: object, kind: str, hide: Callable[[str], str]) -> object:
    """Keep ids and texts, which may be Chinese; a number or a time that is Chinese is another person's value."""
    if kind == "id" and isinstance(value, str | int) and _LONG_NUMBER.fullmatch(str(value)):
        return value
    if isinstance(value, str) and kind in ("id", "text"):
        return hide(value)
    return _shapeless(value, hide)


def _shapeless(value: object, hide: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return _CHINESE.sub(lambda found: found[1] or "＊", hide(value))
    if isinstance(value, Mapping):
        return "［对象］"
    if isinstance(value, list):
        return "［列表］"
    masked = mask_phones(str(value))
    return value if masked == str(value) else masked


def _cut(text: str) -> str:
    raw = text.encode("utf-8", "replace")
    if len(raw) <= LARGEST_BYTES:
        return raw.decode()
    mark = f"…［已截断，原长 {len(raw)} 字节］".encode()
    return (raw[: LARGEST_BYTES - len(mark)].decode("utf-8", "ignore").encode() + mark).decode()
