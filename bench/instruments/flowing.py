"""How long it takes until data flows again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing, suppress

import httpx

from bench.instruments.sandbox_shop import SandboxShop

_LOOK_EVERY, _TOUCH_EVERY = 0.25, 4.0
Flows = dict[str, float | None]
"""Module → seconds; None: it did not come to that."""


def until_flowing(environment: Mapping[str, str], since: float, patience: float = 300.0) -> Flows:
    """Return module → seconds after ``since`` (Unix s) until a change made after it was visible."""
    touched = 0.0
    with closing(SandboxShop(dict(environment))) as shop:
        found: Flows = dict.fromkeys(shop.modules)
        while None in found.values() and time.time() - since < patience:
            if time.time() - touched > _TOUCH_EVERY:
                touched = time.time()
                with suppress(httpx.HTTPError):
                    shop.touch()
            for module, newest in shop.newest().items():
                if found[module] is None and newest >= int(since) + 1:
                    found[module] = time.time() - since
            time.sleep(_LOOK_EVERY)
    return found


def in_words(flows: Flows) -> str:
    return "，".join(f"{module} {'–' if each is None else f'{each:.1f}'}" for module, each in flows.items()) + " 秒"


def in_time(flows: Flows, limit: float) -> bool:
    """Say whether every module flowed within ``limit`` seconds."""
    return all(each is not None and each <= limit for each in flows.values())
