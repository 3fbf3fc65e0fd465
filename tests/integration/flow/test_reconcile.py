"""What live has missed is found by comparing, read again, and told when it does not heal; in both dialects."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jst.control.incidents import Incidents
from jst.control.reconcile_state import ReconcileState
from jst.erp.client import Client
from jst.errors import Retry
from jst.model.window import Window, source_text
from tests.support.dialects import WINDOWS_ONLY, house_in
from tests.support.house import House
from tests.support.live_beside import KEYS, MODULES, ago, follow, living, put
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
BY_WINDOW, BY_CURSOR = DEPTH.first("gateway", "openapi"), DEPTH.first("openapi", "gateway")
WITHOUT_KEYS = DEPTH.first("gateway" + WINDOWS_ONLY, "openapi" + WINDOWS_ONLY)
EVERY = DEPTH.first("gateway", "openapi", "gateway" + WINDOWS_ONLY, "openapi" + WINDOWS_ONLY)
LAG = 40.0
"""Seconds: longer than any overlap, and than the tail that is read again along the cursor takes several readings to
move on, however slow they are."""


@pytest.fixture(params=BY_WINDOW)
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """A shop without a past that does nothing by itself, read up to its present."""
    with house_in(request.param, stores, tmp_path / "erp", "--skus", "40", "--orders-per-hour", "0") as house:
        follow(house)
        for module in MODULES:
            house.first_load(module)
        yield house


def put_late(house: House, *rows: tuple[str, str, datetime]) -> float:
    """These rows (module, key, modified) are written now and seen at the source 40 s later; returns when."""
    house.sandbox.faults(commit_lag={"share": 1, "seconds": LAG})
    for module, key, modified in rows:
        put(house, module, key, modified)
    house.sandbox.faults()
    return house.clock.monotonic() + LAG


def until_landed(house: House, landed: float) -> None:
    """Live reads on, and passes what has not landed yet."""
    while house.clock.monotonic() < landed + 0.5:
        for module in MODULES:  # something newer, so that reading along the cursor moves on
            put(house, module, "9999", ago(house))
        follow(house)
        house.skip(6)
    follow(house)


def known(house: House, module: str) -> set[str]:
    return {str(key) for (key,) in house.rows(f"SELECT {KEYS[module]} FROM dwd.dwd_{module}")}


def age_trail(house: House) -> None:
    house.database.rows("UPDATE cursor_trail SET seen_at = seen_at - interval '6 minutes'")


class Picks(random.Random):
    """Looks at the window of a given moment."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(1)
        self.moment = moment

    def choice(self, counts: Any) -> Any:
        return next(each for each in counts if each.window.start <= self.moment <= each.window.end)


def complete(house: House, module: str = "sale_out") -> datetime:
    mark = house.plans.watermarks.value(module, "complete")
    assert mark is not None
    return mark


@pytest.mark.parametrize("house", [*BY_CURSOR, *WITHOUT_KEYS], indirect=True)
def test_commits_up_to_an_hour_late_are_found_in_the_first_round(house: House) -> None:
    for module in MODULES:
        house.reconcile(module, "before").run()
    late = {module: {"1001", "1002", "1003"} for module in MODULES}
    pasts = (ago(house, minutes=60), ago(house, minutes=18), ago(house, minutes=2))
    rows = [(module, key, past) for module in MODULES for key, past in zip(sorted(late[module]), pasts, strict=True)]
    landed = put_late(house, *rows)
    until_landed(house, landed)
    assert not any(late[module] & known(house, module) for module in MODULES), "live must have missed them"
    ReconcileState(house.database, "inventory").note_cursor()
    age_trail(house)
    before = complete(house)
    for module in MODULES:
        tally = house.reconcile(module, "after").run()
        print(f"{module}: {tally}, {house.clock.monotonic() - landed:.1f} s after they landed")
        assert late[module] <= known(house, module)
        assert tally.healed >= 3
        again = house.reconcile(module, "again").run()
        assert (again.differences, again.healed) == (0, 0)
    assert complete(house) == before, "what was reopened is proven again"
    wide = {key for (key,) in house.rows("SELECT io_id FROM dws.dws_sale_out FINAL")}
    assert late["sale_out"] <= wide
    assert house.database.rows("SELECT count(*) FROM lost") == [(0,)]


def test_one_in_and_one_out_of_a_window_leave_its_total_and_are_found_row_by_row(house: House) -> None:
    past, elsewhere = ago(house, minutes=20), ago(house, minutes=8)
    for key in ("2001", "2002"):
        put(house, "sale_out", key, past)
    put(house, "sale_out", "2009", elsewhere)
    until_landed(house, 0)
    house.reconcile("sale_out", "before").run()
    assert {"2001", "2002"} <= known(house, "sale_out")
    changed = ago(house, minutes=-2)  # beyond what is compared
    landed = put_late(house, ("sale_out", "2001", changed), ("sale_out", "2003", past))
    until_landed(house, landed)
    blind = house.reconcile("sale_out", "blind", rng=Picks(elsewhere)).run()
    assert (blind.differences, known(house, "sale_out") & {"2003"}) == (0, set()), "totals are equal"
    with living(house):
        seeing = house.reconcile("sale_out", "seeing", patience=20, rng=Picks(past)).run()
    print(f"{seeing}, {house.clock.monotonic() - landed:.1f} s after they landed")
    assert seeing.differences == 1
    assert seeing.healed == 2
    shown = dict(
        house.rows(
            "SELECT io_id, toString(modified) FROM dwd.dwd_sale_out FINAL WHERE io_id IN ('2001', '2002', '2003')"
        )
    )
    assert shown == {"2001": source_text(changed), "2002": source_text(past), "2003": source_text(past)}


def test_a_change_that_moved_its_order_a_minute_and_a_half_and_came_late_is_found(house: House) -> None:
    """The order was known at its old place: the totals of any window that holds both places are as they were."""
    old, new = ago(house, minutes=20), ago(house, minutes=18, seconds=30)
    put(house, "sale_out", "6001", old, status="WaitConfirm")
    until_landed(house, 0)
    house.reconcile("sale_out", "before").run()
    landed = put_late(house, ("sale_out", "6001", new))
    until_landed(house, landed)
    sql = "SELECT toString(modified) FROM dwd.dwd_sale_out FINAL WHERE io_id = '6001'"
    assert house.rows(sql) == [(source_text(old),)], "live must have missed it"
    rng, rounds = random.Random(11), 0
    with living(house):
        while house.rows(sql) != [(source_text(new),)]:
            rounds += 1
            assert rounds <= (1 if house.settings.dialect == "gateway" else 12)
            house.reconcile("sale_out", f"round-{rounds}", patience=20, rng=rng).run()
    print(f"{house.settings.dialect}: found in round {rounds}")


@pytest.mark.parametrize("house", BY_CURSOR, indirect=True)
def test_a_change_that_moved_its_order_by_seconds_is_found_row_by_row_when_it_is_an_hour_old(house: House) -> None:
    old, elsewhere = ago(house, minutes=63), ago(house, minutes=8)
    put(house, "sale_out", "7001", old, status="WaitConfirm")
    put(house, "sale_out", "7009", elsewhere)
    until_landed(house, 0)
    house.reconcile("sale_out", "before").run()
    landed = put_late(house, ("sale_out", "7001", old + timedelta(seconds=2)))
    until_landed(house, landed)
    sql = "SELECT toString(modified) FROM dwd.dwd_sale_out FINAL WHERE io_id = '7001'"
    assert house.rows(sql) == [(source_text(old),)], "live must have missed it"
    with living(house):
        house.reconcile("sale_out", "after", patience=20, rng=Picks(elsewhere)).run()
    assert house.rows(sql) == [(source_text(old + timedelta(seconds=2)),)]


@pytest.mark.parametrize("house", EVERY, indirect=True)
def test_what_the_source_has_lost_becomes_an_incident_that_closes_when_it_is_there_again(house: House) -> None:
    ghosts, past = [str(number) for number in range(3001, 3036)], ago(house, minutes=40)
    house.warehouse.execute(
        f"INSERT INTO dwd.dwd_sale_out (io_id, modified, version) SELECT toString(3001 + number),"
        f" fromUnixTimestamp({stamp(past)}), bitShiftLeft(toUInt64({stamp(past)}), 32) + 1 FROM numbers(35)"
    )
    incidents = Incidents(house.database)
    with living(house):
        for number in range(3):
            assert incidents.standing() == []
            tally = house.reconcile("sale_out", f"round-{number}", patience=20).run()
            assert tally.differences == (1 if number == 0 else 0), "a known loss is not read again"
    (incident,) = incidents.standing()
    assert (incident.kind, incident.module, incident.detail["keys"]) == ("difference", "sale_out", ghosts)
    assert "35 单" in incident.what
    assert "、3030……还有 5 个" in incident.what
    assert complete(house) == house.plans.watermarks.value("sale_out", "read")
    for ghost in ghosts[1:]:
        put(house, "sale_out", ghost, past)
    house.reconcile("sale_out", "nearly").run()
    assert [each.detail["keys"] for each in incidents.standing()] == [ghosts[:1]]
    put(house, "sale_out", ghosts[0], past)
    house.reconcile("sale_out", "found").run()
    assert incidents.standing() == []


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def test_a_source_that_counts_nothing_is_not_taken_for_empty(house: House) -> None:
    put(house, "sale_out", "5001", ago(house, minutes=20))
    until_landed(house, 0)
    house.sandbox.faults(total_missing={})
    with pytest.raises(Retry, match="没有 total"):
        house.reconcile("sale_out").run()
    assert house.database.rows("SELECT count(*) FROM plan WHERE dag_id = 'jst_reconcile'") == [(0,)]


@pytest.mark.parametrize("house", BY_CURSOR, indirect=True)
def test_a_round_says_nothing_of_a_source_of_which_the_feed_says_that_it_is_away(house: House) -> None:
    house.sandbox.faults(http_500={})
    with pytest.raises(Retry, match="暂时不能服务") as away:
        house.reconcile().run()
    house.holds.troubles.note("sale_out", "pull", "run-1", away.value)
    assert house.reconcile(run_id="round-2").run().windows == 0
    house.skip(20)
    asked = house.sandbox.get("stats")["requests"]
    house.reconcile(run_id="round-3").run()
    assert house.sandbox.get("stats")["requests"] == asked
    house.sandbox.faults()
    assert house.holds.troubles.over("sale_out", "pull")
    tally = house.reconcile(run_id="round-4").run()
    assert tally.windows + tally.keys > 0


def test_a_round_that_was_broken_off_leaves_the_window_open_and_the_next_one_heals_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = ago(house, minutes=25)
    landed = put_late(house, ("sale_out", "4001", past))
    until_landed(house, landed)
    before = complete(house)
    with monkeypatch.context() as patch:
        patch.setattr("jst.flow.pull.Puller._close", killed)
        with pytest.raises(KeyboardInterrupt):
            house.reconcile("sale_out", "killed").run()
    follow(house)
    ((reason,),) = house.database.rows("SELECT reason FROM watermark WHERE module = 'sale_out' AND kind = 'complete'")
    assert complete(house) <= past
    assert "planned：对账：" in reason
    house.reconcile("sale_out", "next").run()
    assert "4001" in known(house, "sale_out")
    assert complete(house) >= before


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_one_question_that_fails_keeps_nothing_else_from_being_healed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = ago(house, minutes=18), [ago(house, minutes=past) for past in (60, 40, 2)]
    rows = [("sale_out", f"800{number}", past) for number, past in enumerate([bad, *good])]
    until_landed(house, put_late(house, *rows))
    with monkeypatch.context() as patch:
        poison(patch, house, bad)
        with pytest.raises(Retry, match="HTTP 500"):
            house.reconcile("sale_out", "poisoned", rng=Picks(good[-1])).run()
    assert known(house, "sale_out") & {key for _, key, _ in rows} == {"8001", "8002", "8003"}
    house.reconcile("sale_out", "healthy").run()
    assert {key for _, key, _ in rows} <= known(house, "sale_out")


def poison(patch: pytest.MonkeyPatch, house: House, moment: datetime) -> None:
    """The source crashes over every question that includes this second."""
    answer = Client.page

    def page(client: Any, module: Any, window: Window, index: int, **options: Any) -> Any:
        house.sandbox.faults(**({"http_500": {}} if window.start <= moment <= window.end else {}))
        try:
            return answer(client, module, window, index, **options)
        finally:
            house.sandbox.faults()

    patch.setattr("jst.erp.client.Client.page", page)


@pytest.mark.search
@pytest.mark.parametrize("house", EVERY, indirect=True)
def test_a_living_shop_whose_commits_are_late_equals_the_source_in_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.sandbox.faults(commit_lag={"share": 0.05, "seconds": LAG})
    house.sandbox.post("orders_per_hour", {"value": 50_000})
    began = house.clock.monotonic()
    rounds = list[str]()
    with living(house):
        while house.clock.monotonic() < began + DEPTH.of(40, 75):
            house.skip(8)
            for module in MODULES:
                tally = house.reconcile(module, f"round-{len(rounds)}", patience=20).run()
                rounds.append(f"{module} {tally}")
    house.sandbox.faults()
    house.sandbox.post("freeze")
    house.skip(35)
    follow(house)
    missing = {module: len(unlike(house, module)) for module in MODULES}
    for later in ("minutes", "more minutes", "an hour"):
        age_trail(house)
        if later == "an hour":  # what moved by a few seconds changes no total: it is compared when it is that old
            monkeypatch.setattr("jst.flow.reconcile.round.AGED", timedelta(0))
            monkeypatch.setattr("jst.flow.reconcile.round.AGED_PAGES", {"gateway": 250, "openapi": 250})
        for module in MODULES:
            tally = house.reconcile(module, later).run()
            rounds.append(f"{module} {tally}")
        rounds.append(f"missing {later} later: {[len(unlike(house, module)) for module in MODULES]}")
    print("\n".join(rounds), f"missing when it stood still: {missing}", sep="\n")
    assert {module: unlike(house, module) for module in MODULES} == {module: {} for module in MODULES}


def unlike(house: House, module: str) -> dict[str, tuple[str, str | None]]:
    """Key → modified at the source and in the warehouse, where they differ."""
    truth = {str(row[KEYS[module]]): row["modified"] for row in house.sandbox.truth(module)}
    held = dict(house.rows(f"SELECT {KEYS[module]}, toString(any(modified)) FROM dwd.dwd_{module} FINAL GROUP BY 1"))
    return {key: (modified, held.get(key)) for key, modified in truth.items() if held.get(key) != modified}
