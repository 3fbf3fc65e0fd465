"""Closed time windows in whole seconds, as the source understands them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from jst.clock import SHANGHAI
from jst.model.module import Module

TimeField = Literal["modified", "io_date"]
LONGEST_WINDOW = timedelta(days=7) - timedelta(seconds=1)
OVERLAP_EVERY_SECONDS = 5
_FORMAT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end], both ends included, on one time field. Adjacent windows share their boundary second."""

    start: datetime
    end: datetime
    field: TimeField = "modified"

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware times")
        if self.start.microsecond or self.end.microsecond:
            raise ValueError("a window is bounded by whole seconds: a fraction would leave rows between two windows")
        if self.end < self.start:
            raise ValueError(f"a window cannot end before it starts: {self}")

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    def __str__(self) -> str:
        return f"[{source_text(self.start)} → {source_text(self.end)}] {self.field}"

    def halves(self) -> tuple[Window, Window] | None:
        """Cut in two windows sharing the middle second; None when it is one second long."""
        if self.seconds < 1:
            return None
        middle = self.start + timedelta(seconds=self.seconds // 2)
        if middle == self.start:
            return Window(self.start, self.start, self.field), Window(self.end, self.end, self.field)
        return Window(self.start, middle, self.field), Window(middle, self.end, self.field)


def weeks(start: datetime, end: datetime) -> list[Window]:
    """Return windows of at most 7 days that share their boundary seconds, newest first."""
    windows = []
    while end > start:
        windows.append(Window(max(start, end - LONGEST_WINDOW), end))
        end = windows[-1].start
    return windows


def live_window(module: Module, since: datetime, end: datetime) -> Window:
    """Return the next window to read when everything up to ``since`` was, no longer than the source allows. One that
    ends in other five seconds than it begins reads an overlap again, which reaches back before the end of the last one
    that did."""
    overlaps = since.timestamp() // OVERLAP_EVERY_SECONDS != end.timestamp() // OVERLAP_EVERY_SECONDS
    start = since - timedelta(seconds=module.overlap_seconds + OVERLAP_EVERY_SECONDS) if overlaps else since
    return Window(start, min(end, start + LONGEST_WINDOW))


def source_text(moment: datetime) -> str:
    """Write a moment in the source's spelling: Beijing time without a zone."""
    return moment.astimezone(SHANGHAI).strftime(_FORMAT)


def source_time(text: str) -> datetime | None:
    """Read the source's spelling: fraction cut, a missing blank tolerated; None when empty or before 2000."""
    text = text.strip().replace("T", " ")
    if not text:
        return None
    if len(text) > 10 and text[10] != " ":
        text = f"{text[:10]} {text[10:]}"
    text = f"{text} 00:00:00" if len(text) == 10 else text[:19]
    moment = datetime.strptime(text, _FORMAT).replace(tzinfo=SHANGHAI)
    return moment if moment.year >= 2000 else None


def floor_second(moment: datetime) -> datetime:
    """Cut a moment to its second."""
    return moment.replace(microsecond=0)
