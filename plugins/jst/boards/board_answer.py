"""A board at a moment, and the bytes that say it: packed once for all who may see the same."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from jst.boards.data_marks import History
from jst.boards.panel_answer import PanelAnswer, digest, iso


@dataclass(frozen=True, slots=True)
class BoardAnswer:
    """A board ``made`` at a moment (monotonic seconds): its panels; ``good``: the last figures of each and when they
    were asked; ``written``: what was written then, None when it must be asked again in any case."""

    made: float
    panels: Mapping[str, PanelAnswer]
    good: Mapping[str, tuple[float, PanelAnswer]] = field(default_factory=dict)
    history: History = field(default_factory=History)
    written: int | None = None
    _bodies: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def mark(self) -> datetime | None:
        """Return the moment the oldest figures on it are of."""
        return min((panel.as_of for panel in self.panels.values() if panel.as_of), default=None)

    @property
    def stamps(self) -> dict[str, list[str | None]]:
        """Return the moments of every panel: of its data, and up to when they are proven."""
        return {name: [iso(panel.as_of), iso(panel.complete_until)] for name, panel in self.panels.items()}

    def etag(self, lang: str) -> str:
        """Return what changes with the content; moments alone change nothing."""
        content = [
            lang,
            self.history.since,
            self.history.words,
            {name: each.hash for name, each in self.panels.items()},
        ]
        return f'"{digest(content)}"'

    def body(self, lang: str) -> bytes:
        """Return it as gzipped JSON (docs/boards.md)."""
        if lang not in self._bodies:
            content = {
                "mark": iso(self.mark),
                "since": self.history.since,
                "history": self.history.words[lang],
                "panels": {name: panel.rendered(lang) for name, panel in self.panels.items()},
            }
            self._bodies[lang] = gzip.compress(msgspec.json.encode(content), 6, mtime=0)
        return self._bodies[lang]
