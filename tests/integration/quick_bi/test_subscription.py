"""A subscription of 瓴羊BI is run once a business day, by the vendor's own SDK against our stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.instruments.moved_clock import MovedClock
from jst.access.quick_bi import QuickBi, QuickBiSettings
from jst.control.database import Database
from jst.control.subscription_runs import SubscriptionRuns
from jst.errors import Misconfigured, Unproven
from jst.push.subscription import Subscription
from tests.support.control_fixture import database
from tests.support.quick_bi_stand_in import KEY_ID, KEY_SECRET, MAIL, Organisation, StandIn

__all__ = ["database"]

pytestmark = pytest.mark.postgres
SLOT = "daily 2026-11-29"


class World:
    def __init__(self, database: Database) -> None:
        self.organisation = Organisation(lambda sql: [], {}, mails=["SENT", "FAILED"])
        self.server, self.database = StandIn(self.organisation), database
        self.settings = QuickBiSettings.from_connection(
            self.server.address, KEY_ID, KEY_SECRET, {"protocol": "http", "data_sets": []}
        )

    def run(self, mail_id: str = MAIL, slot: str = SLOT) -> int:
        clock = MovedClock()
        return Subscription(QuickBi(self.settings, clock), SubscriptionRuns(self.database), mail_id, clock).run(slot)

    @property
    def asked(self) -> int:
        return self.organisation.calls.count("ManualRunMailTask")


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    world = World(database)
    yield world
    world.server.close()


def test_it_is_run_once_and_watched_until_it_was_sent(world: World) -> None:
    assert world.run() == 3
    assert world.organisation.mails == ["SENT", "FAILED", "SENT"]
    assert world.run() == 3  # cleared: looked at again, not asked again
    assert world.asked == 1
    assert world.run(slot="daily 2026-11-30") == 4
    assert world.asked == 2


def test_a_lost_answer_is_not_asked_again(world: World) -> None:
    world.organisation.loses_answers = True
    assert world.run() == 3
    assert world.asked == 1


def test_what_never_began_may_have_been_sent_and_what_failed_says_so(world: World) -> None:
    world.organisation.broken = "ManualRunMailTask"
    with pytest.raises(Unproven, match="可能已发送"):
        world.run()
    world.organisation.broken = ""
    with pytest.raises(Unproven, match="可能已发送"):
        world.run()
    assert world.asked == 1
    world.organisation.mails.append("FAILED")
    with pytest.raises(Unproven, match="第 3 次"):
        world.run()


def test_what_was_refused_may_be_asked_for_again(world: World) -> None:
    with pytest.raises(Misconfigured, match=r"MailTask\.NotExist"):
        world.run("mail-of-nobody")
    assert world.run() == 3
