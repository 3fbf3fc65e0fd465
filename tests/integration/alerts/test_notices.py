"""What people are sent of incidents, on a real PostgreSQL: one card for a flood, none in silence, an SMS at last."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from bench.alerts.alert_verdict import judged
from bench.alerts.alert_world import AlertSimulation, stock_rule
from jst.alerts.alert_round import AlertRound
from jst.alerts.notices import Notices
from jst.alerts.rules import Rule, Rules
from jst.clock import SHANGHAI
from jst.control.alert_book import AlertBook, Changes, Opening, RuleMark
from jst.control.database import Database
from jst.control.incident_list import IncidentList
from jst.control.incidents import Incidents
from jst.control.silences import Silences

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=SHANGHAI)
SOLD_OUT = replace(stock_rule("sold_out"), title="断货", board="stock_warning", step=None)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


class Desk:
    """A rule's incidents and what is said of them."""

    def __init__(self, database: Database, rule: Rule = SOLD_OUT, *others: Rule) -> None:
        self.rule, self.database = rule, database
        kinds = {kind: each for each in others for kind in each.incidents}
        rules = Rules({each.name: each for each in (rule, *others)}, kinds)
        self.book, self.notices = AlertBook(database), Notices(database, rules, "http://airflow")

    def open(self, minutes: float, *openings: Opening) -> None:
        self.change(minutes, Changes(opened=openings))

    def change(self, minutes: float, changes: Changes) -> Changes | None:
        return self.book.apply("alert", self.rule.name, self.rule.severity, self.rule.do,
                               RuleMark(at(minutes), ""), at(minutes), lambda _: changes)  # fmt: skip

    def close_all(self, minutes: float) -> None:
        ids = self.database.rows("SELECT id FROM incident WHERE closed_at IS NULL")
        self.change(minutes, Changes(closed=[number for (number,) in ids]))

    def say(self, minutes: float) -> list[dict[str, Any]]:
        """Return what was put into the outbox now."""
        before = {row["message_id"] for row in self.messages()}
        self.notices.say(at(minutes))
        return [row for row in self.messages() if row["message_id"] not in before]

    def messages(self) -> list[dict[str, Any]]:
        sql = "SELECT message_id, channel, subject, slot, body FROM message ORDER BY message_id"
        return [row | row.pop("body") for row in self.database.named_rows(sql)]


def sku(number: int, owners: tuple[str, ...] = ("li.na",)) -> Opening:
    return Opening(
        f"S{number}", f"S{number} 外套：近 7 日出库数量 12 件", 0, owners, {"title": "断货", "category": "外套"}
    )


def test_an_sms_is_sent_once_and_its_end_stands_on_the_page(database: Database) -> None:
    desk = Desk(database, replace(SOLD_OUT, channel="sms"))
    desk.open(0, sku(1))
    assert [card["channel"] for card in desk.say(0)] == ["sms"]
    assert desk.say(5) == []
    desk.close_all(10)
    assert desk.say(10) == []
    assert [each.closed_at is not None for each in IncidentList(database).closed(at(11))] == [True]
    desk.open(20, sku(1))
    assert [card["channel"] for card in desk.say(20)] == ["sms"], "what comes back is another incident"


def test_a_flood_is_one_card_for_each_owner_and_loses_no_shop(database: Database) -> None:
    desk = Desk(database)
    owners = ("li.na", "zhang.wei", "未归属")
    desk.open(0, *(sku(number, (owners[number % 3],)) for number in range(5_000)))
    cards = desk.say(0)
    assert sorted(card["slot"].split(" ")[1] for card in cards) == sorted(owners)
    for card in cards:
        owner = card["slot"].split(" ")[1]
        assert "新增 1,66" in card["title"]
        assert len([line for line in card["lines"] if line.startswith("- S")]) == 20
        assert any(line.startswith("- 另有 1,64") for line in card["lines"])
        assert card["mentions"] == ["oncall" if owner == "未归属" else owner], "what belongs to no person has a reader"
        assert card["link"] == "http://airflow/jst/boards/stock_warning?category=%E5%A4%96%E5%A5%97"
    desk.close_all(5)
    over = desk.say(5)
    assert len(over) == 3
    assert all("恢复 1,66" in card["title"] and card["severity"] == "good" for card in over)
    assert any("已恢复：S0 外套，历时 5 分" in line for card in over for line in card["lines"])
    assert desk.say(10) == []


def test_what_several_shops_sell_stands_in_the_group_once_and_calls_them_all(database: Database) -> None:
    desk = Desk(database)
    desk.open(0, sku(1, ("li.na", "zhang.wei", "未归属")), sku(2, ("wang.fang",)))
    shared, other = found = sorted(desk.say(0), key=lambda card: len(card["mentions"]), reverse=True)
    assert (shared["mentions"], other["mentions"]) == (["li.na", "zhang.wei", "oncall"], ["wang.fang"])
    assert "负责人：li.na、zhang.wei、未归属" in shared["lines"]
    assert [card["link"].rpartition("&")[2] for card in found] == ["find=S1", "find=S2"]
    assert [line for card in (shared, other) for line in card["lines"] if line.startswith("- S")] == [
        "- S1 外套：近 7 日出库数量 12 件",
        "- S2 外套：近 7 日出库数量 12 件",
    ]


def test_what_was_said_is_said_again_only_when_it_is_worse_by_a_step(database: Database) -> None:
    desk = Desk(database)
    desk.open(0, sku(1))
    assert len(desk.say(0)) == 1
    assert desk.say(2) == []
    (standing,) = IncidentList(database).open()
    desk.change(3, Changes(worse=[(standing.id, 1, "S1 外套：缺 30 件")]))
    (card,) = desk.say(3)
    assert "加重：S1 外套：缺 30 件" in " ".join(card["lines"])
    assert card["reference"] == str(standing.id)
    assert desk.say(4) == []


def test_what_happens_right_after_a_card_waits_and_comes_together(database: Database) -> None:
    desk = Desk(database)
    desk.open(0, sku(1))
    assert len(desk.say(0)) == 1
    for number in range(2, 9):
        desk.open(number / 60, sku(number))
        assert desk.say(number / 60) == []
    (card,) = desk.say(0.6)
    assert "新增 7 项" in card["title"]


def test_a_silence_is_kept_and_ends(database: Database) -> None:
    desk, silences = Desk(database), Silences(database)
    silences.make("sold_out", "S1", "盘点", "admin", NOW, at(60))
    silences.make("sold_out", "S1", "盘点", "admin", NOW, at(60))
    silences.make("sold_out", "S1", "更早的一次运行被清除", "admin", NOW, at(30))
    assert [(each.reason, each.made_by) for each in silences.standing(NOW)] == [("盘点", "admin")]
    desk.open(0, sku(1), sku(2))
    (card,) = desk.say(0)
    assert "S1" not in " ".join(card["lines"])
    assert desk.say(59) == []
    (card,) = desk.say(60)
    assert "S1 外套" in " ".join(card["lines"])
    silences.make("sold_out", "", "盘点", "admin", at(60), at(600))
    desk.open(61, sku(3))
    assert desk.say(62) == []
    desk.close_all(63)
    (card,) = desk.say(63)
    assert "恢复 2 项" in card["title"], "the end of what was said is said; of what was not said, nothing is"
    silences.lift(silences.standing(at(63))[0].silence_id, "admin", at(64))
    assert silences.standing(at(65)) == []


def test_quiet_hours_hold_words_back_and_what_still_stands_is_said_then(database: Database) -> None:
    desk = Desk(database, replace(SOLD_OUT, quiet=((time(12), time(13)),)))
    desk.open(0, sku(1), sku(2))
    assert desk.say(0) == []
    (first, second) = IncidentList(database).open()
    desk.change(30, Changes(closed=[first.id]))
    assert desk.say(59) == []
    (card,) = desk.say(60)
    assert second.subject in " ".join(card["lines"])
    assert first.subject not in " ".join(card["lines"])


def test_a_critical_incident_that_is_not_acknowledged_becomes_one_sms(database: Database) -> None:
    critical = replace(SOLD_OUT, name="no_orders", severity="critical", owner="oncall", escalate_minutes=15)
    desk = Desk(database, critical)
    desk.open(0, Opening("", "全部店铺：距上次出库 40 分钟"))
    assert [card["channel"] for card in desk.say(0)] == ["feishu"]
    assert desk.say(14) == []
    (sms,) = desk.say(15)
    assert (sms["channel"], sms["mentions"]) == ("sms", ["oncall"])
    assert "15 分没有人确认" in sms["title"]
    assert desk.say(40) == []
    desk.close_all(41)
    desk.say(41)
    desk.open(50, Opening("", "全部店铺：距上次出库 40 分钟"))
    desk.say(50)
    (standing,) = IncidentList(database).open()
    assert IncidentList(database, ["li.na"]).acknowledge([standing.id], "li.na", at(51)) == 0, "it is none of hers"
    assert IncidentList(database).acknowledge([standing.id], "wang.wu", at(51)) == 1
    assert desk.say(80) == []


def test_what_checks_and_feeds_open_is_said_by_the_rule_of_its_kind(database: Database) -> None:
    away = Rule("server_away", "服务器没有答复", "critical", "feishu", "oncall", "恢复它", incidents=("server_away",))
    desk, incidents = Desk(database, SOLD_OUT, away), Incidents(database)
    incidents.open("server_away", "", "ClickHouse", "ClickHouse 没有答复", "恢复它")
    incidents.open("check", "", "freshness", "数据太旧：1 个模块", "看")  # the ledger says it better, and heals at once
    now = datetime.now(SHANGHAI)
    desk.notices.say(now)
    (card,) = desk.messages()
    assert (card["subject"], card["lines"][0]) == ("server_away", "- ClickHouse 没有答复")
    incidents.open("server_away", "", "ClickHouse", "ClickHouse 没有答复", "恢复它")
    incidents.close("server_away", "", "ClickHouse")
    desk.notices.say(now + timedelta(minutes=2))
    desk.notices.say(now + timedelta(minutes=4))
    assert [card["severity"] for card in desk.messages()] == ["critical", "good"]


def test_a_reading_begun_before_another_ones_is_not_kept(database: Database) -> None:
    desk = Desk(database)
    desk.open(1, sku(1))
    assert desk.change(0.5, Changes(opened=[sku(2)])) is None
    assert [each.subject for each in IncidentList(database).open()] == ["S1"]


def test_two_evaluators_at_once_say_everything_once(database: Database, postgres_dsn: str) -> None:
    simulations = AlertSimulation(postgres_dsn, random.Random(3))
    world, failed = simulations.world, []
    for number in range(8):
        world.toggle(("loud", f"S{number}"), simulations.clock.now())

    def evaluate() -> None:
        with Database(postgres_dsn) as own:
            rules = Rules({rule.name: rule for rule in simulations.rules})
            notices = Notices(own, rules, "")
            look = AlertRound(rules, world, world.marks, AlertBook(own), notices, simulations.clock)
            try:
                for _ in range(10):
                    look.run()
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=evaluate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    while simulations.group.send(dies=False):
        simulations.clock.sleep(1)
    verdict = judged(simulations)
    assert (verdict.cards, verdict.opened_twice, verdict.without_an_end, verdict.wrong_mentions) == (8, 0, 10, 0)
    simulations.close()
