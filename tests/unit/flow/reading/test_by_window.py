"""The pager against a source that changes between requests: everything is read, or the window is not proven."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from jst.errors import Refused, Retry
from jst.flow.reading.by_window import PageView, Reading, TooLarge, read_window
from tests.support.search_depth import DEPTH

SIZE = 3
OVERLAP = 4
SETTLE = 2

Version = tuple[str, int]
Fetch = Callable[[int], PageView]


class LivingSource:
    """Rows sorted by (modified, key); ``before_request`` are changes that happen just before the n-th next request."""

    def __init__(self) -> None:
        self.now = 100
        self.rows: dict[str, int] = {}
        self.before_request: dict[int, list[Callable[[], None]]] = {}

    def write(self, key: str, modified: int) -> None:
        self.rows[key] = modified

    def window(self, start: int, end: int) -> Fetch:
        requests = 0

        def fetch(index: int) -> PageView:
            nonlocal requests
            requests += 1
            for change in self.before_request.pop(requests, []):
                change()
            versions = sorted((m, k) for k, m in self.rows.items() if start <= m <= end)
            page = versions[(index - 1) * SIZE : index * SIZE]
            return PageView(tuple((k, m) for m, k in page), len(versions), index * SIZE < len(versions))

        return fetch


def naive_forward(fetch: Fetch, size: int) -> Reading:
    """What everybody writes first: page_index + 1 while has_next."""
    reading, index = Reading(proof="counted"), 1
    while reading.accept(fetch(index)).has_next:
        index += 1
    return reading


class LiveReading(RuleBasedStateMachine):
    """Live windows over a shop that changes while it is read; late commits lag by less than the overlap."""

    pager: Callable[..., Reading] = staticmethod(read_window)

    def __init__(self) -> None:
        super().__init__()
        self.source = LivingSource()
        self.watermark = 80
        self.read: set[Version] = set()
        self.orders = 0
        for second in range(81, 93):
            self.source.write(self.new_key(), second)

    def new_key(self) -> str:
        self.orders += 1
        return f"{self.orders:04d}"

    @rule(count=st.integers(1, 8))
    def orders_come_in(self, count: int) -> None:
        for _ in range(count):
            self.source.write(self.new_key(), self.source.now)

    @rule(which=st.integers(0, 999))
    def an_order_changes(self, which: int) -> None:
        if self.orders:
            self.source.write(f"{which % self.orders + 1:04d}", self.source.now)

    @rule(seconds=st.integers(1, 20))
    def time_passes(self, seconds: int) -> None:
        self.source.now += seconds

    @rule(request=st.integers(1, 6), which=st.lists(st.integers(0, 999), min_size=1, max_size=4))
    def orders_will_change_before_a_request(self, request: int, which: list[int]) -> None:
        def change() -> None:
            for number in which:
                if self.orders:
                    self.source.write(f"{number % self.orders + 1:04d}", self.source.now)

        self.source.before_request.setdefault(request, []).append(change)

    @rule(request=st.integers(1, 6), lag=st.integers(0, OVERLAP))
    def a_commit_will_be_late(self, request: int, lag: int) -> None:
        self.source.before_request.setdefault(request, []).append(
            lambda: self.source.write(self.new_key(), self.source.now - lag)
        )

    @rule()
    def read_on(self) -> None:
        end = self.source.now - SETTLE
        if end <= self.watermark:
            return
        start, seen = self.watermark - OVERLAP, set[Version]()
        fetch = self.source.window(start, end)

        def keep(index: int) -> PageView:
            page = fetch(index)
            seen.update(page.keys)  # type: ignore[arg-type]
            return page

        reading = self.pager(keep, SIZE)
        self.source.before_request.clear()
        self.read |= seen
        if reading.proof:
            self.watermark = end

    def teardown(self) -> None:
        self.source.before_request.clear()
        self.source.now += SETTLE + 1
        self.read_on()
        assert set(self.source.rows.items()) <= self.read


class NaiveReading(LiveReading):
    pager = staticmethod(naive_forward)


QUIET = settings(
    max_examples=DEPTH.of(40, 150), stateful_step_count=25, suppress_health_check=list(HealthCheck), database=None
)


@pytest.mark.search
def test_every_version_is_read_or_the_window_is_not_proven() -> None:
    run_state_machine_as_test(LiveReading, settings=QUIET)


def test_a_forward_pager_loses_rows_on_the_same_source() -> None:
    # the same draws every time: 150 of others may, once in a while, not come upon it
    found_is_enough = settings(QUIET, phases=(Phase.generate,), derandomize=True, max_examples=1_000)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(NaiveReading, settings=found_is_enough)


def shop(count: int) -> LivingSource:
    source = LivingSource()
    for number in range(count):
        source.write(f"{number:04d}", 50 + number)
    return source


@pytest.mark.parametrize(
    ("rows", "requests"), [(0, 1), (1, 1), (SIZE, 1), (SIZE + 1, 3), (4 * SIZE, 5)], ids=lambda n: str(n)
)
def test_a_still_window_is_proven_with_few_requests(rows: int, requests: int) -> None:
    reading = read_window(shop(rows).window(0, 99), SIZE)
    assert (reading.proof, len(reading.keys), reading.requests) == ("counted", rows, requests)


def test_a_total_that_grew_is_not_proven_and_says_so() -> None:
    source = shop(7)
    source.before_request[2] = [lambda: source.write("late", 60)]
    reading = read_window(source.window(0, 99), SIZE)
    assert not reading.proof
    assert "7→8" in reading.reason


def test_rows_that_leave_while_paging_are_still_proven() -> None:
    source = shop(9)
    source.before_request[3] = [lambda: source.write("0000", 100), lambda: source.write("0004", 100)]
    reading = read_window(source.window(0, 99), SIZE)
    assert reading.proof == "counted"
    assert {("0003", 53), ("0005", 55)} <= reading.keys


def test_a_window_of_too_many_pages_stops_after_one_request() -> None:
    source, asked = shop(200), []
    fetch = source.window(0, 500)
    with pytest.raises(TooLarge):
        read_window(lambda index: asked.append(index) or fetch(index), SIZE)  # type: ignore[func-returns-value]
    assert asked == [1]


def failing(source: LivingSource, at: int, error: Retry) -> Fetch:
    fetch = source.window(0, 99)

    def answer(index: int) -> PageView:
        if index == at:
            raise error
        return fetch(index)

    return answer


def test_a_later_page_that_fails_is_noted_and_the_rest_is_read() -> None:
    reading = read_window(failing(shop(9), 2, Retry("HTTP 502", do="等待")), SIZE)
    assert (list(reading.failed), reading.proof) == ([(0, 2)], "")
    assert len(reading.keys) == 6


@pytest.mark.parametrize(
    ("page", "error"), [(1, Retry("x", do="y")), (3, Refused("429", do="y"))], ids=["first", "refused"]
)
def test_a_first_page_or_a_refusal_is_never_a_page_failure(page: int, error: Retry) -> None:
    with pytest.raises(Retry):
        read_window(failing(shop(9), page, error), SIZE)


def test_an_answer_with_fewer_rows_than_its_total_is_not_proven() -> None:
    reading = read_window(lambda _: PageView(("a",), 3, False), SIZE)
    assert not reading.proof


def test_a_source_that_serves_smaller_pages_than_asked_is_read_whole() -> None:
    reading = read_window(shop(9).window(0, 99), 50)
    assert (reading.proof, len(reading.keys)) == ("counted", 9)


def test_a_total_that_counts_only_the_page_is_not_believed_over_has_next() -> None:
    fetch = shop(9).window(0, 99)

    def lying(index: int) -> PageView:
        page = fetch(index)
        return PageView(page.keys, len(page.keys), page.has_next)

    reading = read_window(lying, SIZE)
    assert not reading.proof
    assert "之后还有" in reading.reason


def test_a_source_that_dies_while_paging_is_not_asked_for_every_page() -> None:
    fetch, asked = shop(60).window(0, 99), list[int]()

    def dying(index: int) -> PageView:
        asked.append(index)
        if len(asked) > 2:
            raise Retry("连不上", do="等待")
        return fetch(index)

    with pytest.raises(Retry):
        read_window(dying, SIZE)
    assert len(asked) == 6
