"""The page of wall links, for administrators, and the one that a link opens."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from jst.boards import page
from jst.control.wall_links import WallLink
from jst.ledger.words_page import words_page

_SCRIPT = "const [form] = document.forms; form.key.value = location.hash.slice(1); form.submit();"
LINK_SCRIPT_HASH = f"sha256-{b64encode(sha256(_SCRIPT.encode()).digest()).decode()}"
"""By which a content security policy allows the script of ``LINK_PAGE`` and no other."""
LINK_PAGE = (
    '<!doctype html><meta charset="utf-8"><title>大屏 Wall</title>'
    f'<form method="post" action="wall"><input type="hidden" name="key"></form><script>{_SCRIPT}</script>'
)


def walls_page(links: Sequence[WallLink], walls: Sequence[str], made: str, lang: str) -> str:
    """Render it; ``walls``: names in access.yaml; ``made``: the address of a link that was just made, '' else."""
    return words_page(page.FOLDER / "walls.html", lang, f"files/{page.VERSION}", links=links, walls=walls, made=made)
