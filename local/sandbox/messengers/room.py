"""What people would have seen: every message that a stand-in accepted, counted here and nowhere else."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Literal

Vendor = Literal["dingtalk", "feishu", "sms"]
VENDORS: tuple[Vendor, ...] = ("dingtalk", "feishu", "sms")
MOST, MOST_PICTURES = 3000, 6


@dataclass(frozen=True)
class Seen:
    """A message as it stood in the group. ``called``: numbers or ids that the robot really called; ``at``: Unix
    seconds; ``picture``: number of the picture in it, 0: none."""

    number: int
    vendor: Vendor
    at: float
    title: str
    text: str
    called: list[str] = field(default_factory=list)
    link: str = ""
    picture: int = 0
    raw: dict[str, Any] = field(default_factory=dict)


class Room:
    """All groups and phones; ``clock``: Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._numbers, self._seen = count(1), deque[Seen](maxlen=MOST)
        self._pictures: dict[int, bytes] = {}
        self.answers: Counter[str] = Counter()
        """How often each vendor answered with each code."""

    def show(self, vendor: Vendor, title: str, text: str, **more: Any) -> None:
        """Let people see a message."""
        self._seen.append(Seen(next(self._numbers), vendor, self.clock(), title, text, **more))

    def keep_picture(self, png: bytes) -> int:
        """Keep an uploaded picture, of which only the last few are; returns its number."""
        number = next(self._numbers)
        self._pictures[number] = png
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.pop(next(iter(self._pictures)))
        return number

    def picture(self, number: int) -> bytes | None:
        return self._pictures.get(number)

    def seen(self) -> list[Seen]:
        """List what was seen, the oldest first."""
        return list(self._seen)

    def clear(self) -> None:
        self._seen.clear()
        self.answers.clear()

    def as_json(self) -> dict[str, Any]:
        return {"messages": [asdict(each) for each in self._seen], "answers": dict(self.answers)}
