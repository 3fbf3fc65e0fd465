"""Pages of words and tables in the ledger's look: 消息, 告警, the boards' metrics and wall links."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jst.clock import SHANGHAI
from jst.ledger.english import english
from jst.ledger.page_html import FOLDER
from jst.ledger.titles import lasting

FILES = ("ledger.css", "words.css", "theme.js", "fresh.js")
"""What such a page asks for, all in ``FOLDER``."""


def words_page(template: Path, lang: str, files: str, **facts: Any) -> str:
    """Render ``template``, which extends words.html. ``lang``: zh or en; ``files``: where ``FILES`` are, from the
    page's address; ``facts``: what it shows."""
    en = lang == "en"

    def say(zh: str, other: str) -> str:
        return other if en else zh

    def said(sentence: str) -> str:
        return english(sentence) if en else sentence

    return _environment(template.parent).get_template(template.name).render(
        en=en, lang=lang, files=files, say=say, said=said, **facts
    )  # fmt: skip


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, FOLDER]), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"at": _at, "dated": _dated, "lasting": lasting}
    return environment


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M:%S}"


def _dated(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "—"
