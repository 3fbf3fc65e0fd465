"""The page of a board: its HTML and the files it asks for, packed once."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jst.ledger.page_html import FOLDER as LEDGER
from jst.ledger.words_page import FILES as WORDS
from jst.model.include_folder import include_folder

FOLDER = Path(__file__).parent / "assets"
_MAP = include_folder() / "config" / "map.yaml"
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        # no script or style but ours, nothing of another host: a name on a board is what the source sent
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
)
FORM_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **HEADERS,
        "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "form-action 'none'", "form-action 'self'"
        ),
    }
)
"""Of a page with forms of its own."""
FILE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Encoding": "gzip",
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
)
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_MODULE_WORDS = re.compile(r"^(?:import .*\n|export (?:default )?)", re.MULTILINE)


class Asset(NamedTuple):
    """A file of the page: ``body`` is gzip, to be sent with ``FILE_HEADERS``."""

    body: bytes
    media_type: str


def script() -> str:
    """Join the modules of assets/js into one script: every file a browser asks Airflow for costs it milliseconds.

    A module's imports stand on one line each and its names are different from those of all others.
    """
    modules = [path.read_text("utf-8") for path in sorted((FOLDER / "js").glob("*.js"))]
    return '"use strict";\n(() => {\n' + "\n".join(_MODULE_WORDS.sub("", module) for module in modules) + "\n})();\n"


def _packed(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return gzip.compress(data, 9, mtime=0)


def _files() -> Mapping[str, Asset]:
    def packed(name: str) -> bytes:
        return _packed((FOLDER / name).read_bytes())

    return MappingProxyType(
        {
            "board.js": Asset(_packed(script()), _TYPES[".js"]),
            "board.css": Asset(packed("board.css"), _TYPES[".css"]),
            **{name: Asset(_packed((LEDGER / name).read_bytes()), _TYPES[Path(name).suffix]) for name in WORDS},
            "icon.svg": Asset(packed("icon.svg"), "image/svg+xml"),
            "icon-dark.svg": Asset(packed("icon-dark.svg"), "image/svg+xml"),
            "bell.svg": Asset(packed("bell.svg"), "image/svg+xml"),
            "bell-dark.svg": Asset(packed("bell-dark.svg"), "image/svg+xml"),
            "echarts.min.js": Asset((FOLDER / "echarts.min.js.gz").read_bytes(), _TYPES[".js"]),
            "china.json": Asset((FOLDER / "china.json.gz").read_bytes(), "application/json"),
        }
    )


FILES = _files()
VERSION = blake2b(b"".join(asset.body for asset in FILES.values()), digest_size=6).hexdigest()
"""Part of every file's address: an open page loads again when it changes."""


def html(shape: Mapping[str, Any]) -> str:
    """Render the page of a board; ``shape``: the board's shape, its words in ``shape["lang"]``."""
    inlined = {**shape, "version": VERSION, "map": _map_words(str(shape["lang"]))}
    return _environment().get_template("board.html").render(shape=inlined, files=f"files/{VERSION}")


@cache
def _map_words(lang: str) -> Mapping[str, str]:
    facts = yaml.safe_load(_MAP.read_text("utf-8"))
    return {"source": facts["source"][lang], "approval": facts["approval"]}


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
