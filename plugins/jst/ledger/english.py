"""Say in English what the page says in Chinese: every sentence by one catalogue, include/config/english.yaml.

Sentences are made in Chinese where they are known, and many were stored when they happened; so they are looked up here,
as they leave. What is in no entry stays Chinese."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache, lru_cache

import yaml

from jst.model.module import INCLUDE, load_module, module_names

HAN = re.compile(r"[\u3400-\u9fff]")
_TEXT = re.compile(r'(?<=>)[^<]+(?=<)|(?<=title=")[^"]+(?=")|(?<=aria-label=")[^"]+(?=")')
_UNITS = {"天": "d", "小时": "h", "分": "min", "秒": "s"}
_LASTING = re.compile(rf"([\d.,]+) ({'|'.join(_UNITS)})(?!{HAN.pattern})")
_BRACKETED = re.compile(r"([^（）]+)（([^（）]+)）")
_JOINTS = (("；", "; "), ("。", ". "), ("，", ", "), ("：", ": "), ("、", ", "))
"""What joins sentences, the strongest first."""
_MARKS = str.maketrans(dict(_JOINTS) | {"（": " (", "）": ")"})


@lru_cache(maxsize=16)
def page_in_english(page: str) -> str:
    """Return HTML with its texts, titles and labels in English."""
    return _TEXT.sub(lambda found: _kept_blanks(found[0]), page).replace('<html lang="zh-CN">', '<html lang="en">')


@lru_cache(maxsize=4096)
def english(said: str) -> str:
    """Return a sentence in English; parts that no entry knows stay as they are."""
    if not HAN.search(said):
        return said.translate(_MARKS)
    if (whole := _sentences().get(said) or _entry(said)) is not None:
        return whole
    if (inner := _BRACKETED.fullmatch(said)) is not None:
        return f"{english(inner[1].strip())} ({english(inner[2])})"
    for joint, ours in _JOINTS:
        if len(parts := re.split(rf"{joint}(?![^（）]*）)", said, maxsplit=1)) > 1:
            return ours.join(english(part.strip()) for part in parts).strip()
    return _LASTING.sub(lambda found: f"{found[1]} {_UNITS[found[2]]}", said)


def _kept_blanks(text: str) -> str:
    bare = html.unescape(text.strip())
    return text.replace(text.strip(), html.escape(english(bare))) if not bare.isascii() else text


def _entry(said: str) -> str | None:
    """Fill in the entry with the most words that fits."""
    for longest, pattern, meant in _patterns():
        if longest in said and (found := pattern.fullmatch(said)) is not None:
            return meant.format(*(english(part) for part in found.groups()))
    return None


@cache
def _sentences() -> Mapping[str, str]:
    """All entries, and what modules are called."""
    said: dict[str, str] = yaml.safe_load((INCLUDE / "config" / "english.yaml").read_text("utf-8"))
    return {load_module(name).title: name for name in module_names()} | said


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """Entries with holes: the longest words of each, those with the most words first."""
    holed = [(zh, meant) for zh, meant in _sentences().items() if "{}" in zh]
    holed.sort(key=lambda entry: -len(entry[0].replace("{}", "")))
    return [(max(zh.split("{}"), key=len), re.compile(_pattern(zh)), meant) for zh, meant in holed]


def _pattern(zh: str) -> str:
    """Return what fits an entry: one sentence in its first hole, several in its last and before a ；."""
    first, *words = map(re.escape, zh.split("{}"))
    holes = [r"((?:[^；。（]|（[^）]*）)+?)"] * len(words)
    if not first:
        holes[0] = "(.+?)" if zh.startswith("{}；") else r"((?:[^，；。（]|（[^）]*）)+?)"
    if not words[-1]:
        holes[-1] = "(.+)"
    return first + "".join(hole + rest for hole, rest in zip(holes, words, strict=True))
