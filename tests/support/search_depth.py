"""How far the searches go: a share of each by default, all of it with ``pytest --long``.

A search tries many cases of one rule: drawn examples, mutants, payloads, orders, kills. Its tests carry the mark
``search``; those of hypothesis get it by themselves.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

SEED = 20261126
"""Decides what a search draws; ``pytest --search-seed`` gives another one."""
_EXAMPLES = {"share": 20, "whole": 100}


class SearchDepth:
    """Chosen once, before any test is collected: parameters of tests depend on it."""

    def __init__(self) -> None:
        self._whole, self.seed = False, SEED
        # how long an example takes says something about the machine only
        for name, examples in _EXAMPLES.items():
            settings.register_profile(name, deadline=None, max_examples=examples)

    def choose(self, *, whole: bool, seed: int) -> None:
        self._whole, self.seed = whole, seed
        settings.load_profile("whole" if whole else "share")

    def of(self, share: int, whole: int) -> int:
        """Return how many cases a search tries."""
        return whole if self._whole else share

    def first(self, *values: str) -> list[Any]:
        """Return parameters of a test or fixture: the first value in every run, the others with ``--long``."""
        others = [pytest.param(value, marks=pytest.mark.search) for value in values[1:]]
        return [values[0], *others[: self.of(0, len(others))]]


DEPTH = SearchDepth()
