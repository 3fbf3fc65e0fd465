"""Decide how much of a wide table is searched for labels that the dimensions have overtaken, and remember what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jst.clock import is_night
from jst.control.database import Database

WIDENED_WITHIN = timedelta(minutes=15)
"""A row that is written with labels read before they changed is there no later than this after the change."""
SLACK = timedelta(minutes=1)
"""Clocks of workers and of the control database differ by no more."""


@dataclass(frozen=True, slots=True)
class LabelSearch:
    """What is searched: all rows (``whole``), else those of SKUs read ``since`` then (None: there are none); ``began``:
    of the control database's clock."""

    module: str
    began: datetime
    whole: bool
    since: datetime | None


class LabelSearches:
    """Table ``label_search``. Every statement may be repeated; a search that dies is done again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, module: str, dimensions: str) -> LabelSearch:
        """Return what is to be searched now; ``dimensions``: a text that changes with anything a label comes from but
        SKUs. All rows are, where that has changed, at night, and when the last search is long ago."""
        ((began, searched, whole, changed),) = self._db.rows(
            """INSERT INTO label_search AS last (module, dimensions) VALUES (%(module)s, %(dimensions)s)
               ON CONFLICT (module) DO UPDATE
               SET dimensions = excluded.dimensions,
                   changed_at = CASE WHEN last.dimensions = excluded.dimensions THEN last.changed_at
                                     ELSE excluded.changed_at END
               RETURNING clock_timestamp(), searched_at, whole_at, changed_at""",
            module=module, dimensions=dimensions,
        )  # fmt: skip
        if searched is None or whole is None or searched < changed + WIDENED_WITHIN or _is_due(began, whole):
            return LabelSearch(module, began, True, None)
        return LabelSearch(module, began, False, self._oldest_sku_since(searched - WIDENED_WITHIN))

    def done(self, search: LabelSearch) -> None:
        """Note that a search came to its end and what it found is written."""
        self._db.rows(
            """UPDATE label_search
               SET searched_at = %(began)s, whole_at = CASE WHEN %(whole)s THEN %(began)s ELSE whole_at END
               WHERE module = %(module)s""",
            module=search.module, began=search.began, whole=search.whole,
        )  # fmt: skip

    def _oldest_sku_since(self, moment: datetime) -> datetime | None:
        """Return when the oldest of the SKUs was asked for that were loaded, or proven, since then."""
        ((oldest,),) = self._db.rows(
            """SELECT min(receipt.started_at) FROM plan JOIN receipt USING (plan_id, attempt)
               WHERE module = 'sku' AND state NOT IN ('planned', 'pulled') AND carried > 0
                 AND plan.updated_at > %(moment)s""",
            moment=moment,
        )
        return oldest - SLACK if oldest else None


def _is_due(now: datetime, whole: datetime) -> bool:
    """Say whether all rows are to be searched again: once a night, and at last when a night was missed."""
    age = now - whole
    return age > timedelta(hours=30) or (age > timedelta(hours=20) and is_night(now))
