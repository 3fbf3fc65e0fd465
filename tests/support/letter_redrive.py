"""Dead letters read again, as jst_dead_letters does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jst.control.incidents import Incidents
from jst.control.letter_redrive import Choice, LetterRedrives, Patience
from jst.control.troubles import PATIENCE_SECONDS
from jst.flow.dead_letters.index_scan import LetterScan
from jst.flow.dead_letters.redrive import Redrive, Ways
from jst.model.window import Window
from tests.support.house import House
from tests.support.planted_orders import order

PATIENCE = Patience(tries=5, pause=timedelta(minutes=10))
DUE = Choice(parked=False)


def redrive(house: House, run_id: str = "night-1", patience_seconds: float = PATIENCE_SECONDS) -> Redrive:
    ways = Ways(
        by_key=lambda module: house.puller(module).by_key,
        worker=lambda module: house.worker(module, run_id),
        loader=house.loader,
        patience_seconds=patience_seconds,
    )
    return Redrive(LetterRedrives(house.database), Incidents(house.database), ways, "jst_dead_letters", run_id)


def run(house: House, run_id: str = "night-1", **options: Any) -> dict[str, int]:
    LetterScan(house.reader, house.letters).run()
    return redrive(house, run_id).run(options.pop("choice", DUE), options.pop("patience", PATIENCE), **options)


def modified(window: Window) -> str:
    return f"{window.start:%Y-%m-%d %H:%M:%S}"


def mend(house: House, window: Window, *keys: str) -> None:
    """The row is as it should have been, and its modified does not say so."""
    for key in keys:
        house.sandbox.post("put", {"module": "sale_out", "row": {**order(key), "modified": modified(window)}})


def age(house: House) -> None:
    """Let the longest pause between two tries have passed."""
    house.database.rows("UPDATE letter SET tried_at = tried_at - interval '1 day'")
