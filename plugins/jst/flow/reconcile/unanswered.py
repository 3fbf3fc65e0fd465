"""One question the source does not answer must not keep the rest of a round from being healed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from jst.errors import JstError, Refused, Retry, Unaccepted

log = logging.getLogger(__name__)
IN_A_ROW = 3


class Unanswered:
    """The questions of one round that were not answered. Three in a row are no matter of the question: the round ends,
    as it does at once when the source is too busy, or anything but the source fails."""

    def __init__(self) -> None:
        self._found: list[JstError] = []
        self._in_a_row = 0

    @contextmanager
    def bear(self) -> Iterator[None]:
        """Note that what is asked within is not answered, and go on behind it."""
        try:
            yield
        except (Retry, Unaccepted) as trouble:
            self._in_a_row += 1
            elsewhere = isinstance(trouble, Retry) and (isinstance(trouble, Refused) or not trouble.asked)
            if elsewhere or self._in_a_row >= IN_A_ROW:
                raise
            self._found.append(trouble)
            log.warning("%s；这一问先放下，继续对账其余的", trouble.what)
        else:
            self._in_a_row = 0

    def raise_first(self) -> None:
        """Raise the first of them, once everything else is done: what was not asked is not compared."""
        if self._found:
            raise self._found[0]
