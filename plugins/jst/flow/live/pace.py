"""How often a live feed looks at its source, and how far: from what a look costs and how much there is to see."""

from __future__ import annotations

from jst.model.plan import Recent

LONGEST_SECONDS = 20.0
BUSY_SHARE = 0.65
"""Share of the time between two looks that a look may take; the rest is reserve."""
_WEIGHT = 0.3


class Pace:
    """Chooses how often one feed looks at its source.

    ``shortest``: seconds between two looks as the spec wants them. Every look begins with the ``again`` seconds the
    one before has read already, in pages of ``size`` rows, and takes so many ``questions`` when there is nothing new.
    ``settles``: a feed along the cursor, which may end its looks before anything that would have to be read again; it
    does so (``calm``) rather than look less often than every ``settles`` seconds, for that is what calm costs. None: it
    cannot.
    """

    def __init__(
        self, shortest: float, again: float, size: int, settles: float | None, recent: Recent | None,
        questions: int = 1,
    ) -> None:  # fmt: skip
        self._questions = questions
        self._shortest, self._again, self._size, self._settles = shortest, again, size, settles
        self._recent, self._carried = recent, 0
        self.seconds, self.calm = shortest, False
        self._choose()

    def learn(self, carried: int, requests: int, spent: float, covered: float | None) -> None:
        """Take into account a plan of ``requests`` that brought ``carried`` new rows in ``spent`` seconds.

        ``covered``: the seconds of source time it completed; None when another plan has to go on."""
        self._carried += carried
        if covered is None:
            return
        latest = Recent(self._carried / max(covered, 1.0), spent / max(requests, 1))
        self._carried = 0
        known = self._recent or latest
        self._recent = Recent(
            _nearer(known.rows_per_second, latest.rows_per_second),
            _nearer(known.seconds_per_request, latest.seconds_per_request),
        )
        self._choose()

    def _choose(self) -> None:
        if self._recent is None:
            return
        a_second = (
            self._recent.seconds_per_request * self._recent.rows_per_second / self._size
        )  # seconds of reading per second of new rows
        again = self._recent.seconds_per_request * (
            self._again * self._recent.rows_per_second / self._size + self._questions
        )
        left = BUSY_SHARE - a_second
        wanted = again / left if left > 0 else LONGEST_SECONDS
        self.calm = self._settles is not None and wanted > max(self._settles, self._shortest)
        self.seconds = (
            self._shortest if self.calm else min(max(wanted, self._shortest), max(LONGEST_SECONDS, self._shortest))
        )


def _nearer(known: float, latest: float) -> float:
    return known + _WEIGHT * (latest - known)
