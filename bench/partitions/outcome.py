"""What one cut did, and what those on both its sides said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.report import pad

_STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+ ?(?:CST|UTC)? ?")
_QUOTED = 220


@dataclass(slots=True)
class Outcome:
    """``seconds``: what was measured → seconds (None: it did not come to that); ``here``: what the side without a
    network said, ``there``: what the other one did. ``problems``: what should not have been."""

    name: str
    title: str
    seconds: Mapping[str, float | None]
    here: str
    there: str
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems and bool(self.here) and bool(self.there)

    def lines(self) -> Iterator[str]:
        measured = "，".join(f"{what} {'–' if each is None else f'{each:.1f}'}" for what, each in self.seconds.items())
        yield f"{'✓' if self.good else '✗'} {pad(self.title, 40)}{measured} 秒"
        yield f"      这一边：{self.here or '（什么也没有说）'}"
        yield f"      另一边：{self.there or '（什么也没有说）'}"
        yield from (f"      ✗ {problem}" for problem in self.problems)


class Logs:
    """What is added to log files from now on."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._begin = {file: file.stat().st_size for file in files if file.exists()}

    def said(self, about: str) -> str:
        """Return the first line that matches ``about``, without its time; '' when there is none."""
        for file, begin in self._begin.items():
            with file.open("rb") as log:
                log.seek(begin)
                for line in log.read().decode("utf-8", "replace").splitlines():
                    if re.search(about, line):
                        return _STAMP.sub("", line)[:_QUOTED]
        return ""
