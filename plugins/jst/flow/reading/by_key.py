"""Asking for records by key, of a source that may not answer such questions, or not understand each key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import groupby

from jst.clock import Clock
from jst.control.key_refusals import KeyRefusals
from jst.erp.client import Client, Page
from jst.errors import Unaccepted
from jst.flow.reading.by_window import PageView, Reading
from jst.model.module import Module
from jst.model.record_id import branch_key, keys_on, own_key, split_key
from jst.model.window import LONGEST_WINDOW, Window, floor_second
from jst.model.words import Origin

log = logging.getLogger(__name__)
KEYS_TO_NAME = 10
_LOOKS_BACK = (timedelta(hours=1), LONGEST_WINDOW)


class ByKey:
    """Asks one module's source by key, as long as it answers so.

    Where a question brings nothing that was asked for, the keys are odd or unknown, or no key is answered: the source
    is asked for a record it has just shown, and that decides (decision 0055).
    """

    def __init__(
        self, module: Module, client: Client, refusals: KeyRefusals, clock: Clock, asked: Callable[[], Sequence[int]]
    ) -> None:
        """``asked``: the warehouses the module is asked for, 0 for the totals."""
        self._module, self._client, self._refusals, self._clock = module, client, refusals, clock
        self._asked = asked
        self._endpoint, self._answers = module.endpoint(client.dialect), False

    def answers(self) -> bool:
        """Say whether the source may be asked by key: it has not shown within a day that it does not answer."""
        return not self._refusals.stands(self._module.name)

    def understands(self, key: str) -> bool:
        """Say whether the source reads ``key`` as this one key."""
        if not self._module.per_warehouse:
            return self._endpoint.understands(key)
        parts = split_key(key)
        return parts is not None and self._endpoint.understands(parts[0])

    def own(self, key: str) -> str:
        """Return the key as the source knows it, without a warehouse."""
        return own_key(self._module, key)

    def read(
        self, keys: Sequence[str], fetch: Callable[[Sequence[str]], Page], accept: Callable[[Page], PageView],
        origin: Origin,
    ) -> Reading | None:  # fmt: skip
        """Request every one of ``keys``; None when the source does not answer by key. ``fetch`` asks, ``accept`` hands
        rows on.

        Proven when every key was asked for and answered: one of which the source gives nothing is named in the reason,
        it has no such record. A key that could not be asked for proves nothing. Raises what the client raises.
        """
        if not self.answers():
            return None
        reading, silent = Reading(proof="set"), list[str]()
        odd = [key for key in keys if not self.understands(key)]
        chunks = self._chunks([key for key in keys if self.understands(key)])
        while chunks:
            chunk = chunks.pop()
            page = self._page(chunk, fetch)
            given = self._given(page) if page else set()
            if _is_answer(given, chunk):
                self._note_answer()
            elif not self._is_answered(origin):
                return None
            if len(chunk) > 1 and (page is None or page.has_next):  # one odd key has the whole question refused
                chunks += [chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]]
            elif page is None or page.has_next:
                odd += chunk
            else:
                reading.accept(accept(page))
                silent += [key for key in chunk if key not in given]
        return _concluded(reading, odd, silent)

    def _chunks(self, keys: Sequence[str]) -> list[Sequence[str]]:
        """Return the questions, last first; each is about one warehouse."""
        most, found = self._endpoint.keys_per_request, list[Sequence[str]]()
        for _, group in groupby(sorted(keys, key=self._warehouse), key=self._warehouse):
            same = list(group)
            found += [same[start : start + most] for start in range(0, len(same), most)]
        return found[::-1]

    def _warehouse(self, key: str) -> int:
        parts = split_key(key) if self._module.per_warehouse else None
        return parts[1] if parts else 0

    def _page(self, chunk: Sequence[str], fetch: Callable[[Sequence[str]], Page]) -> Page | None:
        try:
            return fetch(chunk)
        except Unaccepted as refusal:
            log.info("%s", refusal.what)
            return None

    def _given(self, page: Page) -> set[str]:
        return keys_on(self._module, page.rows, self._module.key[:1])

    def _is_answered(self, origin: Origin) -> bool:
        """Say whether the source answers questions by key at all, which it is asked once; notes it when it does not.

        Raises what the client raises: a source that cannot be asked now has shown nothing.
        """
        if self._answers:
            return True
        shown, some = self._key_shown(origin), branch_key("1", 1) if self._module.per_warehouse else "1"
        try:
            given = self._given(self._client.keys(self._module, [shown or some], origin=origin))
        except Unaccepted as refusal:
            return self._note_refusal(refusal.what)
        if shown and not _is_answer(given, [shown]):
            return self._note_refusal(f"按主键问源端刚在窗口里给出的 {shown}，它给出的是 {named(given) or '空'}")
        self._note_answer()
        return True

    def _note_answer(self) -> None:
        if not self._answers and self._refusals.forget(self._module.name):
            log.info("%s：源端又按主键回答了", self._module.title)
        self._answers = True

    def _key_shown(self, origin: Origin) -> str:
        """Return a key that the source shows right now; empty when it shows none."""
        now = floor_second(self._clock.now())
        for back in _LOOKS_BACK:
            for branch in self._asked():
                if self._module.listed:
                    page = self._client.listing(self._module, 1, origin=origin)
                else:
                    page = self._client.page(self._module, Window(now - back, now), 1, origin=origin, branch=branch)
                if found := next(filter(self.understands, sorted(self._given(page))), ""):
                    return found
        return ""

    def _note_refusal(self, said: str) -> bool:
        if self._refusals.note(self._module.name, said):
            log.warning(
                "%s：源端只按时间窗口回答，不按主键回答（%s）。处理：不必人工：需要按主键问的都改为按窗口读，每天再试一次",
                self._module.title, said,
            )  # fmt: skip
        return False


def _is_answer(given: set[str], asked: Sequence[str]) -> bool:
    """Say whether the rows answer the question: a source that ignores keys gives others, or none. Some sources make no
    difference between a and A."""
    wanted = {key.casefold() for key in asked}
    return bool(given.intersection(asked)) and all(key.casefold() in wanted for key in given)


def _concluded(reading: Reading, odd: Sequence[str], silent: Sequence[str]) -> Reading:
    reasons = [f"{len(odd)} 个主键源端听不懂，没有问到（{named(odd)}）"] if odd else []
    reasons += [f"{len(silent)} 个主键源端没有给出（{named(silent)}）"] if silent else []
    reading.reason = "；".join(reasons)
    reading.proof = "" if odd else "set"
    return reading


def named(keys: Iterable[str]) -> str:
    """Name the first keys for a message."""
    names = sorted(keys)
    return "、".join(names[:KEYS_TO_NAME]) + (f" … 还有 {len(names) - KEYS_TO_NAME} 个" if names[KEYS_TO_NAME:] else "")
