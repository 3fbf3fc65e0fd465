"""Mutated payloads through the whole path: nothing crashes, every row is loaded or a letter, and after the fix
re-driving recovers all. 2,000 of them in each dialect with ``--long``, else a share in one."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jst.kafka.record import LETTERS
from jst.model.module import load_module
from jst.model.scrub import LARGEST_BYTES
from jst.model.window import floor_second
from tests.support.clocks import Impatient
from tests.support.dialects import house_in
from tests.support.house import House
from tests.support.letter_redrive import age, run
from tests.support.mutated_rows import Row, good, mutate, order_to_put
from tests.support.plan_story import begin
from tests.support.planted_orders import MOBILE
from tests.support.search_depth import DEPTH
from tests.support.stores import Stores

pytestmark = [pytest.mark.search, pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
MUTATED = DEPTH.of(160, 2_000)
SHARES = {"sale_out": 0.5, "after_sale": 0.3, "inventory": 0.2}
MONEY = {"sale_out": "pay_amount", "after_sale": "refund", "inventory": "qty"}
SECONDS = 600


@pytest.fixture(params=DEPTH.first("gateway", "openapi"))
def house(request: pytest.FixtureRequest, stores: Stores, tmp_path: Path) -> Iterator[House]:
    """A shop that stands still and is empty but for what is planted."""
    with house_in(request.param, stores, tmp_path / "erp", "--skus", "1", "--orders-per-hour", "0") as house:
        house.sandbox.post("freeze")
        house.use_clock(Impatient(lambda: house.sandbox.moved))
        yield house


class Rows:
    """What is planted of one module: as many good rows as mutated ones, and some the source spoils on the way."""

    def __init__(self, house: House, module: str, mutated: int) -> None:
        self.house, self.module = house, load_module(module)
        self.start = floor_second(house.clock.now()) - timedelta(minutes=20)
        rng = random.Random(f"{DEPTH.seed} {module} {house.settings.dialect}")
        self.good = {}
        for number in range(2 * mutated):
            key = self._key(number, rng)
            modified = f"{self.start + timedelta(seconds=number % SECONDS):%Y-%m-%d %H:%M:%S}"
            self.good[key] = good(self.module, key, number, modified)
        keys = list(self.good)
        self.mutated = {key: mutate(rng, self.module, self.good[key]) for key in keys[::2]}
        spoiled = rng.sample(list(self.mutated), mutated // 10)
        # what is left of a garbled row begins with its modified: equal ones would be one letter
        self.garbled = list({self.good[key]["modified"]: key for key in spoiled[::2]}.values())
        self.keyless = [key for key in spoiled if key not in self.garbled]
        for key in spoiled:
            del self.mutated[key]
        self.untouched = set(keys[1::2])
        self.bad = set[str]()

    def _key(self, number: int, rng: random.Random) -> str | int:
        if self.house.settings.dialect == "openapi" and self.module.name != "inventory":
            return len(self.module.name) * 100_000 + number
        odd = rng.choice(["", "", "", "", "", "-红", "\u200b", " 空 格", "😀", ","])  # with NUL in it, no key is one
        return f"{self.module.name[0]}{number}{odd}"

    def plant(self) -> None:
        for key, row in self.good.items():
            self.put(self.mutated.get(key, row))

    def put(self, row: Row) -> None:
        self.house.sandbox.put(order_to_put(self.module, row))

    def spoil(self, *others: Rows) -> None:
        """Let the source spoil some rows of all on the way."""
        every = (self, *others)
        self.house.sandbox.faults(
            garbled_record={"keys": [str(key) for rows in every for key in rows.garbled]},
            missing_key={"keys": [str(key) for rows in every for key in rows.keyless]},
        )

    def mend(self) -> None:
        """What became a letter gets right at the source, and its modified does not say so: one that had none was found
        by the moment of planting, in the last window."""
        self.bad = {str(key) for key in self.good} - self.loaded().keys()
        ((end,),) = self.house.database.rows(
            "SELECT max(window_to) FROM letter JOIN plan USING (plan_id) WHERE letter.module = %(module)s",
            module=self.module.name,
        )
        last = f"{end.astimezone(self.start.tzinfo):%Y-%m-%d %H:%M:%S}"
        for key, row in self.mutated.items():
            if str(key) in self.bad:
                found_by = row.get("modified") == self.good[key]["modified"]
                self.put(self.good[key] if found_by else {**self.good[key], "modified": last})

    def loaded(self) -> dict[str, tuple[Any, ...]]:
        """Key → an amount and the number of lines, of what was planted."""
        name, counted = self.module.name, "length(`lines.line_id`)" if self.module.lines else "0"
        rows = self.house.rows(f"SELECT {self.module.key[0]}, {MONEY[name]}, {counted} FROM dwd.dwd_{name} FINAL")
        planted = {str(key) for key in self.good}
        return {key: (float(amount or 0), count) for key, amount, count in rows if key in planted}

    def assert_right(self, keys: set[str]) -> None:
        """These rows stand in the warehouse as the good ones do."""
        lines, money = self.module.lines, MONEY[self.module.name]
        good = {str(key): (row[money], len(row[lines]) if lines else 0) for key, row in self.good.items()}
        assert {key: known for key, known in self.loaded().items() if key in keys} == {key: good[key] for key in keys}

    def letters(self) -> int:
        ((count,),) = self.house.database.rows(
            "SELECT count(*) FROM letter WHERE module = %(module)s", module=self.module.name
        )
        return int(count)

    def read(self, run_id: str) -> None:
        name = self.module.name
        self.house.worker(name, run_id).catch_up()
        while self.house.loader(name).load_waiting():
            pass


def test_mutated_payloads_are_loaded_or_letters_and_redriving_recovers_all(house: House) -> None:
    began = time.monotonic()
    every = [Rows(house, module, round(MUTATED / 2 * share)) for module, share in SHARES.items()]
    for rows in every:
        rows.plant()
        begin(house.plans, rows.module.name, rows.start - timedelta(seconds=1))
    every[0].spoil(*every[1:])
    run(house, "before")  # the topic holds letters of other tests
    before = house.reader.bounds(LETTERS)
    house.sandbox.forward(3.5)  # a modified that cannot be read is the moment of planting
    for rows in every:
        rows.read("first")
        known = rows.loaded()
        assert len(known) + rows.letters() == len(rows.good), rows.module.name
        rows.assert_right({str(key) for key in rows.untouched})
    assert_harmless(house, before)
    bad = sum(rows.letters() for rows in every)
    assert bad > MUTATED / 8

    house.sandbox.faults()
    for rows in every:
        rows.mend()
    for number in range(2):  # by key, then what could not be asked for by key
        run(house, f"redrive-{number}")
        age(house)
    house.sandbox.forward(3.5)
    for rows in every:
        if house.settings.dialect == "openapi":
            rows.read("second")  # a mended row has a new ts: one that could not be asked for by key comes as a change
        assert rows.loaded().keys() == {str(key) for key in rows.good}
        rows.assert_right(rows.bad)
    assert house.database.rows("SELECT DISTINCT state FROM letter") == [("redriven",)]
    assert house.database.rows("SELECT count(*) FROM plan WHERE state IN ('open', 'excepted', 'planned')") == [(0,)]
    sent = sum(len(rows.good) for rows in every)
    print(
        f"\n{house.settings.dialect}：{sent} 行，其中 {sent // 2} 行变异；死信 {bad} 条，其余 {sent - bad} 行装入；"
        f"修好后重投全部找回，{time.monotonic() - began:.1f} 秒"
    )


def assert_harmless(house: House, before: dict[int, tuple[int, int]]) -> None:
    """The letters are small and hold no phone number."""
    after = house.reader.bounds(LETTERS)
    fresh = {
        partition: (before[partition][1], end) for partition, (_, end) in after.items() if end > before[partition][1]
    }
    letters = house.reader.read(LETTERS, fresh, None)
    assert letters
    for letter in letters:
        assert len(json.loads(letter.body)["text"].encode()) <= LARGEST_BYTES
        assert MOBILE not in letter.body
