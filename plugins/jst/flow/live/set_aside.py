"""A plan whose first page always fails must not hold up the feed: it is set aside, and re-drive tries it again."""

from __future__ import annotations

import logging

from jst.control.letter_redrive import LetterRedrives
from jst.errors import Refused, Retry
from jst.flow.live.feed import Feed
from jst.model.plan import Plan

log = logging.getLogger(__name__)
ATTEMPTS_TO_SET_ASIDE = 3


class SetAside:
    """Judges the failures of one feed's plans."""

    def __init__(self, feed: Feed, redrives: LetterRedrives) -> None:
        self._feed, self._redrives = feed, redrives

    def takes(self, plan: Plan, trouble: Retry) -> bool:
        """Set ``plan`` aside when it was tried three times (one that was set aside before: once) and the source answers
        other questions. Being refused is nobody's fault, and a list is asked for in one way only.

        Raises what asking the source raises.
        """
        if isinstance(trouble, Refused) or not trouble.asked or self._feed.module.listed:
            return False
        if not plan.failures and self._redrives.attempts(plan) < ATTEMPTS_TO_SET_ASIDE:
            return False
        if not self._feed.answers():
            return False
        until = None
        if plan.cursor is not None and plan.until is None:
            until = self._feed.present_cursor(plan.window.end) if plan.origin in ("live", "refresh") else 0
            if until <= plan.cursor:  # nothing newer is known: there is nothing to go on with
                return False
        again = self._redrives.set_aside(plan, f"首页一直失败，先放一边：{trouble.what}", until)
        log.warning(
            "%s 反复失败而源端能答别的问题，先放一边，%s 之后由重投再试：%s", plan, f"{again:%H:%M:%S}", trouble
        )
        return True
