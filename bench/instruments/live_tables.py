"""The live feeds a measurement looks at: the tables ``make verify`` waits for."""

from __future__ import annotations

from collections.abc import Sequence

from jst.model.module import modules_of
from local.verify.known import Known
from local.verify.subject import Subject
from local.verify.subjects import subjects

LIVE = tuple(module.name for module in modules_of("live"))
"""Modules with a live feed, in an order a seed can rely on."""


def live_feeds() -> list[Subject]:
    return [subject for subject in subjects(Known()) if subject.reading == "live"]


def look_sql(feeds: Sequence[Subject]) -> str:
    """One query for all tables: ``module<tab>key<tab>modified`` (Unix seconds) of what was modified since ``since``.

    Without FINAL: a version counts from its insert, also when a newer one hides it before the next look, and the look
    costs little.
    """
    return " UNION ALL ".join(
        f"SELECT DISTINCT '{feed.module}' AS module, {feed.key[0]} AS key, toUnixTimestamp(modified) AS modified_at"
        f" FROM {feed.table} WHERE modified >= toDateTime({{since:UInt32}})"
        for feed in feeds
    )
