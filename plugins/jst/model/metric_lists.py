"""The lists of words in ``include/config/metrics.yaml``, which SQL is given as parameters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec.yaml

from jst.model.module import INCLUDE

Lists = Mapping[str, tuple[str, ...]]


@cache
def metric_lists() -> Lists:
    """Read the lists: words by the name of their parameter."""
    return lists_in(msgspec.yaml.decode((INCLUDE / "config" / "metrics.yaml").read_bytes()))


def lists_in(facts: Mapping[str, Any]) -> Lists:
    """Return the lists in the content of the file."""
    return MappingProxyType({name: tuple(words) for name, words in facts["lists"].items()})
