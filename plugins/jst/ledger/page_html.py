"""The ledger as HTML: the full page once, then its content again every few seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from jst.errors import JstError
from jst.ledger import titles
from jst.ledger.calendar import days
from jst.ledger.cards import module_cards
from jst.ledger.facts import Ledger
from jst.ledger.findings import away, findings, headline
from jst.ledger.rows import CheckRow, OpenWindowRow
from jst.model import words
from jst.model.check_facts import Check, load_checks
from jst.model.version import package_version

FOLDER = Path(__file__).parent / "assets"
FILES = ("ledger.css", "theme.js", "ledger.js", "icon.svg", "icon-dark.svg")


def full_page(body: str, lang: str) -> str:
    """Render the page; ``body``: its content; ``lang``: in which language it is read, and so which one it offers."""
    return _template("page.html").render(body=body, version=_version(), package=package_version(), en=lang == "en")


def content(look: Ledger | JstError) -> str:
    """Render what changes; with an error only that there are no fresh data, and why."""
    if isinstance(look, JstError):
        return _template("away.html").render(finding=away(look))
    found = findings(look)
    cards = module_cards(look, found)
    urgent = [each for each in found if each.level != "note"]
    return _template("content.html").render(
        now=look.now,
        headline=headline(look, found),
        more=urgent[1:],
        notes=[each for each in found if each.level == "note"],
        all=cards,
        cards=groupby((card for card in cards if card.read is not None), key=lambda card: card.live),
        facts=look.facts,
        open=_open(look),
        days=days(look),
        checks=list(_checks(look)),
    )


def _open(ledger: Ledger) -> Sequence[tuple[str, int, Sequence[OpenWindowRow]]]:
    """List each module, how many windows of it are open, and the oldest of them."""
    by_module: dict[str, list[OpenWindowRow]] = {}
    for each in ledger.facts.open:
        by_module.setdefault(each.module, []).append(each)
    return [(name, listed[0].windows, listed) for name, listed in by_module.items()]


def _checks(ledger: Ledger) -> Iterator[tuple[Check, CheckRow]]:
    """Yield the checks that have run, those with findings first."""
    found = {each.name: each for each in ledger.facts.checks}
    known = [(check, found[check.name]) for check in load_checks() if check.name in found]
    yield from sorted(known, key=lambda pair: (pair[1].found == 0, pair[0].severity == "warn"))


def _run(dag_id: str, run_id: str = "") -> str:
    """Return where Airflow shows a DAG or a run, relative to the page; a plan of a first load has no run of its own."""
    of_run = f"/runs/{quote(run_id, safe='')}" if run_id and run_id != dag_id else ""
    return f"../dags/{quote(dag_id, safe='')}{of_run}"


@cache
def _template(name: str) -> Template:
    files = FileSystemLoader(FOLDER)
    environment = Environment(
        loader=files, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"lasting": titles.lasting, "amount": titles.amount, "reason": titles.reason_of, "run": _run}
    environment.globals |= {"titles": titles, "words": words}
    return environment.get_template(name)


@cache
def _version() -> str:
    """Return a hash of the files: browsers keep them, and changed content needs another address."""
    return blake2b(b"".join((FOLDER / name).read_bytes() for name in FILES), digest_size=6).hexdigest()
