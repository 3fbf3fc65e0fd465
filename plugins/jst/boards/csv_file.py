"""A panel as a file for Excel: UTF-8 with its mark, CRLF, no long number rounded, no text taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jst.clock import SHANGHAI

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_EXACT = 11
"""Digits Excel shows as they are; it rounds what has more than 15 and writes 1.2E+11 for what has more than 11."""
_TEXTS = {"text", "day", "hour", "minute", "time"}
_UNFIT = str.maketrans(dict.fromkeys('\\/:*?"<>|\r\n', "_"))


def csv_file(shown: Sequence[Mapping[str, Any]], columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Pack columns as a file; ``shown``: name, title and format of each, as in a board's shape, and ``words`` in
    place of codes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    present = [each for each in shown if each["name"] in columns]
    writer.writerow([_text(each["title"]) for each in present])
    for row in zip(*(columns[each["name"]] for each in present), strict=True):
        writer.writerow([_cell(value, each) for value, each in zip(row, present, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def file_name(board: str, panel: str, as_of: datetime | None) -> str:
    """Name the file after what it shows and the moment its data are of."""
    at = f"-{as_of.astimezone(SHANGHAI):%Y%m%d-%H%M%S}" if as_of else ""
    return f"{board}-{panel}{at}.csv".translate(_UNFIT)


def _cell(value: Any, shown: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    if words := shown.get("words"):
        value = words.get(value, value)
    return _text(str(value)) if shown["format"] in _TEXTS else str(value)


def _text(value: str) -> str:
    """Keep a text a text. A formula in quotes would still run; an apostrophe before it makes it words."""
    if value.startswith(_FORMULA):
        return f"'{value}"
    return f'="{value}"' if value.isdecimal() and (len(value) > _LONGEST_EXACT or value[0] == "0" != value) else value
