"""Setting aside a plan whose first page always fails: the feed goes on without it, and re-drive tries it again."""

from __future__ import annotations

import logging

from jst.control.letter_redrive import LetterRedrives
from jst.errors import Refused, Retry
from jst.flow.feed import Feed
from jst.model.plan import Plan

log = logging.getLogger(__name__)
ATTEMPTS_TO_SET_ASIDE = 3


class SetAside:
    """Decides which failing plans of one module the feed goes on without."""

    def __init__(self, feed: Feed, redrives: LetterRedrives) -> None:
        self._feed, self._redrives = feed, redrives

    def try_to_set_aside(self, plan: Plan, trouble: Retry) -> bool:
        """Set ``plan`` aside when it was tried three times (one that was set aside before: once) and the source answers
        other requests; returns whether it was. A refusal says nothing about the plan, and a list can be read in one way
        only.

        Raises what the client raises.
        """
        if isinstance(trouble, Refused) or not trouble.asked or self._feed.module.listed:
            return False
        if not plan.failures and self._redrives.attempts(plan) < ATTEMPTS_TO_SET_ASIDE:
            return False
        if not self._feed.answers():
            return False
        until = None
        if plan.cursor is not None and plan.until is None:
            until = self._feed.present_cursor(plan.window.end) if plan.continues_live else 0
            if until <= plan.cursor:  # nothing newer is known: there is nothing to go on with
                return False
        again = self._redrives.set_aside(plan, f"首页一直失败，先放一边：{trouble.what}", until)
        log.warning(
            "%s 反复失败而源端能答别的问题，先放一边，%s 之后由重投再试：%s", plan, f"{again:%H:%M:%S}", trouble
        )
        return True
