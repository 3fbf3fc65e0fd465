"""One edition on one day: the word that it is late, the edition itself, the word that it does not come any more.

Everything that leaves is a row of the outbox with the edition's business day in its key, so that whatever is done again
(a cleared task, a second scheduler, a backfill) finds it there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Protocol
from urllib.parse import urlencode

from jst.boards.board_spec import load_boards
from jst.clock import SHANGHAI, Clock
from jst.errors import JstError, Retry, Unproven
from jst.messages.message import Message
from jst.metrics.catalogue import load_catalogue
from jst.push.day_figures import EditionFigures
from jst.push.day_text import Owners, Words, edition_words, late_words, skipped_words, span_words
from jst.push.editions import Edition, PushPlan, Span
from jst.push.picture import Picture
from jst.push.picture_ways import Way
from jst.push.readiness import Missing
from jst.push.slots import LATE

log = logging.getLogger(__name__)
Query = dict[str, list[str]]


class SlotStore(Protocol):
    """What is put; see ``Slots``."""

    def is_put(self, edition: Edition, day: date) -> bool: ...
    def put(self, edition: Edition, day: date, messages: Sequence[Message], *, word: bool = False) -> bool: ...


class DayState(Protocol):
    """Whether a day is finished; see ``Readiness``."""

    def missing(self, day: date) -> list[Missing]: ...
    def unproven(self, days: Sequence[date]) -> list[str]: ...
    def as_of(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes an edition. ``figures``: of an edition, its span, what that is compared with, and the moment the data
    are of; ``picture``: of a board, a viewer, filters, and how old figures may be; ``publish``: a picture → its address
    for the world, None where there is no such place; ``way``: how a channel shows pictures; ``owners`` of a shop;
    ``boards``: address of Airflow."""

    figures: Callable[[Edition, Span, Sequence[Span], datetime], EditionFigures]
    picture: Callable[[str, str, Query, datetime], Picture]
    publish: Callable[[bytes], str] | None
    way: Callable[[str], Way]
    owners: Owners
    boards: str


class Over(Unproven):
    """An edition is of no use any more. ``is_past``: not even on the day it was due, so no word of it was sent."""

    def __init__(self, what: str, *, do: str, is_past: bool) -> None:
        super().__init__(what, do=do)
        self.is_past = is_past


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A board of an edition: its picture and that's address for the world, or why it has none."""

    board: str
    title: str
    png: bytes | None = None
    url: str = ""
    trouble: JstError | None = None


class DailyPush:
    """An edition due ``on`` a day of Shanghai; every method may be repeated at any time."""

    def __init__(
        self, plan: PushPlan, edition: Edition, on: date, state: DayState, slots: SlotStore, makers: Makers,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._edition, self._on, self._state, self._slots = edition, on, state, slots
        self._makers, self._clock = makers, clock
        self.span, self.ends = edition.span(on), plan.ends(on)

    @property
    def is_over(self) -> bool:
        """Whether it is of no use any more."""
        return self._clock.now() >= self.ends

    def missing(self) -> list[Missing]:
        """List what keeps its day from being finished."""
        return self._state.missing(self.span.last)

    def say_late(self) -> list[Missing]:
        """Put the word that it is late, once, if it is; returns why. Raises Over when it is of no use any more."""
        if self._is_put():
            return []
        missing = self._missing_in_time()
        if missing:
            words = late_words(self._edition, self.span, missing, self.ends)
            if self._put_word(LATE, words, self.ends):
                log.warning("%s：%s", words.title, "；".join(words.lines))
        return missing

    def can_go(self) -> bool:
        """Say whether its day is finished, or it is put already. Raises Over when it is of no use any more."""
        return self._is_put() or not self._missing_in_time()

    def send(self) -> bool:
        """Put the edition: text and pictures; returns False when it is there already. Raises Over when it is of no use
        any more, Retry when there are no figures, Unproven, after it was put, when a picture is missing: the text says
        why."""
        if self._is_put():
            log.info("%s %s 已经在发件箱里，不再发", self._edition.title, self.span.last)
            return False
        self._check_finished()
        edition = self._edition
        figures = self._makers.figures(edition, self.span, edition.compared(self._on), self._state.as_of())
        unproven = self._state.unproven(self.span.days()[:-1])
        words = edition_words(edition, self.span, figures, load_catalogue(), self._makers.owners, unproven)
        pages = [self._page(board) for board in edition.boards]
        troubles = [page.trouble for page in pages if page.trouble]
        messages = [message for channel in edition.channels for message in self._messages(channel, words, pages)]
        self._check_finished()  # pictures took minutes, perhaps the last ones
        self._slots.put(edition, self.span.last, messages)
        log.info("%s 已放入发件箱，图 %d 张", words.title, len(pages) - len(troubles))
        if troubles:
            raise Unproven(
                f"{words.title} 以文字发出，缺 {len(troubles)} 张图：{troubles[0].what}",
                do=f"{troubles[0].do}；这一期已经发出，清除任务不会再发，改好后下一期有图",
            )
        return True

    def _is_put(self) -> bool:
        return self._slots.is_put(self._edition, self.span.last)

    def _check_finished(self) -> None:
        if missing := self._missing_in_time():
            raise Retry(f"数据又不齐了：{'；'.join(map(str, missing))}", do="稍后自动重试；看账本与 jst_backfill")

    def _missing_in_time(self) -> list[Missing]:
        """List what is missing. Raises Over, after saying so in the group on its own day, when it is too late."""
        missing = self.missing()
        if not self.is_over:
            return missing
        past = self._clock.now().astimezone(SHANGHAI).date() > self._on
        if not past:
            words = skipped_words(self._edition, self.span, missing, self.ends)
            self._put_word("skipped", words, datetime.combine(self._on, time(23, 59), SHANGHAI))
        raise Over(
            f"{self._edition.title} {self.span.last} 到 {self.ends:%H:%M} 没有发出："
            f"{'；'.join(map(str, missing)) or '那时没有运行'}",
            do="让数据齐起来（看账本与 jst_backfill）；这一期不再发送，看板上都有，下一期照常",
            is_past=past,
        )

    def _page(self, board: str) -> BoardPage:
        midnight, title = datetime.combine(self._on, time(), SHANGHAI), load_boards()[board].title["zh"]
        try:
            picture = self._makers.picture(board, self._edition.viewer, self._query(board), midnight)
        except JstError as error:
            log.warning("看板“%s”没有图：%s", title, error)
            return BoardPage(board, title, trouble=error)
        log.info("看板“%s”的图 %.1f 秒，%d KB", title, picture.seconds, len(picture.png) // 1024)
        return BoardPage(board, title, picture.png, self._published(picture.png))

    def _messages(self, channel: str, words: Words, pages: Sequence[BoardPage]) -> Iterator[Message]:
        """Make the messages of a channel: the text with the first picture, and one for each further picture. A robot
        that sends pictures without words gets the text as a message of its own."""
        way = self._makers.way(channel)
        lines = [
            *words.lines,
            *(f"看板“{page.title}”的图没有生成：{page.trouble.what}" for page in pages if page.trouble),
        ]
        text = Message(
            channel=channel, kind="report", subject=self._edition.name, slot=self.span.last.isoformat(),
            until=self.ends, title=words.title, lines=tuple(lines), link=self._link(pages[0].board),
            mentions=words.mentions, priority=0,
        )  # fmt: skip
        together = pages[0] if way == "together" else None
        yield replace(text, picture=together.png, picture_url=together.url) if together else text
        for page in pages:
            if page.png and page is not together and way != "none":
                yield replace(
                    text, subject=f"{self._edition.name}.{page.board}", title=f"{page.title} {span_words(self.span)}",
                    lines=(), link=self._link(page.board), mentions=(), priority=1, picture=page.png,
                    picture_url=page.url,
                )  # fmt: skip

    def _published(self, png: bytes) -> str:
        if self._makers.publish is None:
            return ""
        try:
            return self._makers.publish(png)
        except Exception as error:  # of whatever library stores there; a robot that needs no address has its picture
            log.warning("图没有传到对象存储（%s），没有公网地址：%s", type(error).__name__, str(error)[:200])
            return ""

    def _put_word(self, kind: str, words: Words, until: datetime) -> bool:
        messages = [
            Message(
                channel=channel, kind="report", subject=f"{self._edition.name}.{kind}",
                slot=self.span.last.isoformat(), until=until, title=words.title, lines=words.lines,
                link=f"{self._makers.boards}/jst/ledger", link_title="打开账本", severity="warning",
            )
            for channel in self._edition.channels
        ]  # fmt: skip
        return self._slots.put(self._edition, self.span.last, messages, word=True)

    def _query(self, board: str) -> Query:
        if "day" not in load_boards()[board].filters:
            return {}
        return {"day": [day.isoformat() for day in self.span.days()]}

    def _link(self, board: str) -> str:
        query = urlencode(self._query(board), doseq=True)
        return f"{self._makers.boards}/jst/boards/{board}{f'?{query}' if query else ''}"
