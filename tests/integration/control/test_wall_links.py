"""A wall's link opens until it is revoked; the key is stored nowhere."""

from __future__ import annotations

import pytest

from bench.instruments.moved_clock import MovedClock
from jst.boards.wall_accounts import WallAccounts
from jst.control.database import Database
from jst.control.viewer_tickets import ViewerTickets
from jst.control.wall_links import WallLinks

pytestmark = pytest.mark.postgres


def test_a_revoked_link_is_dark_within_six_seconds(database: Database, postgres_dsn: str) -> None:
    links, clock = WallLinks(database), MovedClock()
    walls = WallAccounts(lambda: postgres_dsn, clock)
    key, other = links.make("仓库大屏", "admin"), links.make("天猫组", "admin")
    assert (walls.account(key), walls.account(other)) == ("wall:仓库大屏", "wall:天猫组")
    assert walls.account(f"{key}x") is None
    (link,) = [each for each in links.listed() if each.wall == "仓库大屏"]
    assert link.seen_at is not None
    links.revoke(link.link_id, "oncall")
    clock.sleep(5.1)
    assert (walls.account(key), walls.account(other)) == (None, "wall:天猫组")
    (gone,) = [each for each in links.listed() if each.wall == "仓库大屏"]
    assert (gone.made_by, gone.revoked_by) == ("admin", "oncall")
    links.revoke(link.link_id, "admin")
    assert [each.revoked_by for each in links.listed() if each.wall == "仓库大屏"] == ["oncall"]


def test_the_database_holds_no_key(database: Database) -> None:
    key = WallLinks(database).make("仓库大屏", "admin")
    ((row,),) = database.rows("SELECT string_agg(wall_link::text, ' ') FROM wall_link")
    assert key not in row
    assert len(key) >= 43


def test_a_ticket_opens_as_its_account_and_ends_after_ten_minutes(database: Database, postgres_dsn: str) -> None:
    tickets, clock = ViewerTickets(database), MovedClock()
    walls = WallAccounts(lambda: postgres_dsn, clock)
    key = tickets.make("push")
    assert walls.account(key) == "push"
    database.rows("UPDATE viewer_ticket SET ends_at = ends_at - interval '9 minutes'")
    clock.sleep(5.1)
    assert walls.account(key) == "push"
    database.rows("UPDATE viewer_ticket SET ends_at = ends_at - interval '1 minute'")
    clock.sleep(5.1)
    assert walls.account(key) is None
    ((row,),) = database.rows("SELECT string_agg(viewer_ticket::text, ' ') FROM viewer_ticket")
    assert key not in row
    tickets.make("push")
    assert database.rows("SELECT count(*) FROM viewer_ticket") == [(1,)]  # the ended one is gone
