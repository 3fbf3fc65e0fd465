"""Data-quality checks: facts in ``include/config/checks.yaml``, the question in ``include/sql/checks/<name>.sql``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import msgspec
import yaml

from jst.errors import Misconfigured
from jst.model.module import INCLUDE

KINDS = {"bad": "check", "warn": "check_warn"}
"""Kind of a check's incident by its severity."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One check; ``store``: which database is asked, ``patience_minutes``: how long something must stay found before it
    is an incident; ``unit``: what is counted; ``after``: modules whose first load must be over, because what they lack
    before is no fault; ``at_night``: whether it reads so much that it runs then only. ``owner`` and what to ``do`` are
    shown to the person who reads it."""

    name: str
    title: str
    store: Literal["warehouse", "control"]
    severity: Literal["bad", "warn"]
    owner: str
    every_minutes: int
    patience_minutes: int
    do: str
    unit: str = "行"
    after: tuple[str, ...] = ()
    at_night: bool = False

    @property
    def kind(self) -> str:
        return KINDS[self.severity]

    def is_overdue(self, since: datetime | None, now: datetime) -> bool:
        """Say whether what is found since then has been found for longer than it takes to mend itself."""
        return since is not None and now - since >= timedelta(minutes=self.patience_minutes)

    def describe(self, found: int, examples: Sequence[str]) -> str:
        """Format in one line what was found of it."""
        if not found:
            return f"{self.title}：无"
        return f"{self.title}：{found:,} {self.unit}（{'、'.join(examples)}{' …' if found > len(examples) else ''}）"


@cache
def load_checks() -> tuple[Check, ...]:
    """Read the checks. Raises Misconfigured naming the wrong key."""
    path = INCLUDE / "config" / "checks.yaml"
    try:
        return tuple(msgspec.convert(yaml.safe_load(path.read_text("utf-8")), list[Check]))
    except msgspec.ValidationError as wrong:
        raise Misconfigured(f"{path.name} 不对：{wrong}", do="对照文件开头的说明修改") from wrong
