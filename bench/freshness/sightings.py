"""When each version of a record was first seen in its wide table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sightings:
    """``begin``: Unix seconds; versions modified earlier are known, but not measured. ``ages``: seconds by module."""

    begin: int
    ages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _known: set[bytes] = field(default_factory=set)
    _newest: dict[str, int] = field(default_factory=dict)

    def look(self, lines: Iterable[bytes], at: float, *, forget: bool = False) -> None:
        """``lines``: ``module<tab>key<tab>modified``, as visible at ``at``; both times in Unix seconds.
        ``forget`` what these lines no longer hold: nothing older will be looked at again."""
        shown = set(lines)
        for line in shown - self._known:
            name, _, digits = line.decode().rpartition("\t")
            modified = int(digits)
            self._newest[name] = max(modified, self._newest.get(name, 0))
            if modified >= self.begin:
                self.ages[name.partition("\t")[0]].append(at - modified)
        if forget:
            self._known = shown
        else:
            self._known |= shown

    def never_seen(self, module: str, truth: Mapping[str, int], until: int) -> list[str]:
        """Keys of ``truth`` (key → modified, Unix seconds) whose change, not later than ``until``, was seen neither
        itself nor through a newer one."""
        return [
            key
            for key, modified in truth.items()
            if modified <= until and self._newest.get(f"{module}\t{key}", 0) < modified
        ]
