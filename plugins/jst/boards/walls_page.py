"""The page of wall links, for administrators, and the one that a link opens."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from jst.boards import page
from jst.control.wall_links import WallLink
from jst.ledger.words_page import words_page


def _hash(inline: str) -> str:
    """Return that by which a content security policy allows a script or a style of a page and no other."""
    return f"sha256-{b64encode(sha256(inline.encode()).digest()).decode()}"


_SCRIPT = "const [form] = document.forms; form.key.value = location.hash.slice(1); form.submit();"
_STYLE = (
    ":root { color-scheme: light dark } body { font: 1.2em/1.6 system-ui, sans-serif; max-width: 32em;"
    " margin: 20vh auto; padding: 0 1em }"
    " h1 { font-size: 1.5em; border-left: 0.25em solid #d03050; padding-left: 0.6em }"
)
LINK_SCRIPT, NO_LINK_STYLE = f"script-src '{_hash(_SCRIPT)}'", f"style-src '{_hash(_STYLE)}'"
"""What lets ``LINK_PAGE`` run its script, and ``NO_LINK_PAGE``, which may ask for no file, have its look."""
LINK_PAGE = (
    '<!doctype html><meta charset="utf-8"><title>大屏 Wall</title>'
    f'<form method="post" action="wall"><input type="hidden" name="key"></form><script>{_SCRIPT}</script>'
)
NO_LINK_PAGE = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    f"<title>大屏链接无效</title><style>{_STYLE}</style>"
    "<h1>大屏链接无效或已撤销</h1><p>请管理员在 看板 → 大屏链接 重新生成。</p>"
    '<p lang="en">This link opens nothing, or was revoked: ask an administrator for another.</p>'
)


def walls_page(links: Sequence[WallLink], walls: Sequence[str], made: str, lang: str) -> str:
    """Render it; ``walls``: names in access.yaml; ``made``: the address of a link that was just made, '' else."""
    return words_page(page.FOLDER / "walls.html", lang, f"files/{page.VERSION}", links=links, walls=walls, made=made)
