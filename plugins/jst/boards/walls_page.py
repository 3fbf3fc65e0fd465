"""The page of wall links, for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jst.boards import page
from jst.clock import SHANGHAI
from jst.control.wall_links import WallLink


def walls_page(links: Sequence[WallLink], walls: Sequence[str], made: str) -> str:
    """Render it; ``walls``: names in access.yaml; ``made``: the address of a link that was just made, '' else."""
    environment = Environment(loader=FileSystemLoader(page.FOLDER), autoescape=True, undefined=StrictUndefined)
    environment.filters["at"] = _at
    return environment.get_template("walls.html").render(
        links=links, walls=walls, made=made, files=f"files/{page.VERSION}"
    )


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "—"
