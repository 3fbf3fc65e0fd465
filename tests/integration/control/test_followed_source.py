"""Whose source a control database follows: written with its first answer, another one refused, taken over by name."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from jst.control.database import Database
from jst.control.followed_source import FollowedSource
from jst.erp.client import Client
from jst.erp.connection_settings import Settings
from jst.errors import Misconfigured
from tests.support.fake_source import SALE_OUT, SECRET, WINDOW, Source, error_answer, page_answer

pytestmark = pytest.mark.postgres
OURS = Settings("https://erp.example.com", "merchant-app-0001", SECRET)
THEIRS = replace(OURS, app_key="another-company-9876")
OPENAPI = replace(OURS, dialect="openapi")


def followed(database: Database, settings: Settings = OURS) -> FollowedSource:
    """As another process has it."""
    return FollowedSource(database, settings)


def client(source: Source, following: FollowedSource) -> Client:
    return source.client(following=following)


def app_key(database: Database) -> str:
    known = followed(database).known()
    return known.app_key if known else ""


def test_a_source_is_followed_from_its_first_answer_on(database: Database) -> None:
    source = Source(error_answer(401, 40101), page_answer({"io_id": 1}))
    with client(source, followed(database, THEIRS)) as asking:
        with pytest.raises(Misconfigured):
            asking.page(SALE_OUT, WINDOW, 1, origin="live")
        assert app_key(database) == "", "a mistyped app_key is never followed"
    with client(source, followed(database)) as asking:
        asking.page(SALE_OUT, WINDOW, 1, origin="live")
    assert app_key(database) == OURS.app_key


@pytest.mark.parametrize(("other", "way"), [(THEIRS, "take_over”填“y-9876”"), (OPENAPI, "")])
def test_another_source_is_refused_before_it_is_asked(database: Database, other: Settings, way: str) -> None:
    followed(database).adopt()
    source = Source(page_answer({"io_id": 1}))
    with client(source, followed(database, other)) as asking, pytest.raises(Misconfigured) as caught:
        asking.page(SALE_OUT, WINDOW, 1, origin="live")
    said = str(caught.value)
    assert source.requests == []
    assert "数据来自 app_key …p-0001（gateway，erp.example.com）" in said
    assert f"却是 app_key …{other.app_key[-6:]}（{other.dialect}，" in said
    assert ("接管" in said) == bool(way), "no one can take over from another dialect"
    assert way in said
    assert OURS.app_key not in said
    assert SECRET not in said


def test_of_two_that_begin_at_once_one_is_followed_and_the_others_answer_is_not_used(database: Database) -> None:
    mine, theirs = followed(database), followed(database, THEIRS)
    mine.check()
    theirs.check()
    mine.adopt()
    with pytest.raises(Misconfigured, match="没有读取"):
        theirs.adopt()
    assert app_key(database) == OURS.app_key


def test_another_address_of_the_same_app_is_logged_once(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    followed(database).adopt()
    moved = replace(OURS, base_url="https://gateway-2.example.com")
    with caplog.at_level(logging.WARNING, "jst.control.followed_source"):
        followed(database, moved).check()
        followed(database, moved).check()
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("聚水潭的地址变了：从 erp.example.com 到 gateway-2.example.com，")


@pytest.mark.parametrize(
    ("settings", "typed", "says"),
    [
        (THEIRS, "p-0001", "填的不是连接 jushuitan_default 的 app_key …y-9876"),  # the old one's end
        (THEIRS, "9876", "填“y-9876”"),
        (replace(THEIRS, dialect="openapi"), "y-9876", "两种方言"),
    ],
)
def test_what_cannot_be_taken_over_changes_nothing(
    database: Database, settings: Settings, typed: str, says: str
) -> None:
    followed(database).adopt()
    with pytest.raises(Misconfigured, match=says):
        followed(database, settings).take_over(typed)
    assert app_key(database) == OURS.app_key


def test_a_new_app_key_takes_over_by_its_end_and_the_old_one_is_refused_from_then_on(database: Database) -> None:
    followed(database).adopt()
    before = followed(database, THEIRS).take_over("y-9876")
    assert before is not None
    assert before.app_key == OURS.app_key
    followed(database, THEIRS).check()
    with pytest.raises(Misconfigured, match="没有读取"):
        followed(database).check()
    assert followed(database, THEIRS).take_over("y-9876") is None, "done already"
