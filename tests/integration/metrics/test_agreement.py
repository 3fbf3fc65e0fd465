"""Every metric, uncut and cut, of everything and of some rows only, against a second implementation in pandas that
starts from the source's rows: equal to the cent, asked of the wide tables and of every mart that can answer. Over
100,000 orders with ``--long``, else over a share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.metrics.catalogue import WIDE, Metric, Period, load_catalogue
from jst.warehouse.mart_tables import keep_costs, mart_names, refresh
from tests.support.exact_frames import Frames, frames
from tests.support.exact_sums import Answer
from tests.support.forecast_rows import NOTES
from tests.support.metric_cases import ask
from tests.support.sandbox_past import AS_OF, DAYS, NOW, live
from tests.support.search_depth import DEPTH
from tests.support.second_inputs import Counted
from tests.support.second_metrics import METRICS

pytestmark = [pytest.mark.clickhouse, pytest.mark.search]
ORDERS = DEPTH.of(1_000, 100_000)
TODAY = NOW.date()
WEEK, YESTERDAY = (TODAY - timedelta(days=6), TODAY), (TODAY - timedelta(days=1),) * 2
PAIRS = (("shop_id", "i_id"), ("sku_id", "day"), ("platform", "category"))
Days = tuple[date, date]
By = tuple[str, ...]
Only = Mapping[str, list[Any]]


def test_both_say_the_same_to_the_cent(client: Client) -> None:
    _empty(client)
    past = live(client, ORDERS)
    for day in sorted({TODAY - timedelta(days=back) for back in range(DAYS + 3)}):
        keep_costs(client, day, closed_too=True)
        for mart in mart_names():
            refresh(client, mart, day, 1)
    both, wrong, values, asked = frames(past), [], 0, Counter[str]()
    counted = {days: Counted(both, *days, AS_OF.replace(tzinfo=None)) for days in (WEEK, YESTERDAY)}
    for metric, days, by, only in (*_questions(), *_narrowed(both)):
        of = Counted(both, *days, AS_OF.replace(tzinfo=None), only) if only else counted[days]
        kept = {cut: [str(each) for each in among] for cut, among in only.items()}
        expected = METRICS[metric.code](of, list(by))
        for source in load_catalogue().sources(metric.code, by, kept):
            question = load_catalogue().question(metric.code, Period(*days, AS_OF), by, only=kept, source=source)
            shown = ask(client, question)
            shown = shown if isinstance(shown, dict) else {"": shown}
            asked[source], values = asked[source] + 1, values + len(expected)
            if shown != expected:
                what = f"{metric.code} from {source}, {days[0]} to {days[1]} by {by} of {only}"
                wrong.append(f"{what}: {_difference(shown, expected)}")
    lines, refunds = len(both.sales), len(both.returns)
    print(f"\n{len(past.sale_out)} orders, {lines} lines, {refunds} of after-sales, {len(both.stock)} rows of stock:")
    print(f"{len(METRICS)} metrics, {values} values, questions {dict(asked)}, {len(wrong)} answered differently")
    assert not wrong, "\n".join(wrong)
    assert set(asked) == {*load_catalogue().marts, WIDE}


def _of_business() -> list[Metric]:
    return [metric for metric in load_catalogue().metrics.values() if metric.rows.reader == "boards"]


def _questions() -> Iterator[tuple[Metric, Days, By, Only]]:
    for metric in _of_business():
        yield metric, YESTERDAY, (), {}
        for by in ((), *((cut,) for cut in metric.cuts), *PAIRS):
            if set(by) <= set(metric.cuts):
                yield metric, WEEK, by, {}


def _narrowed(both: Frames) -> Iterator[tuple[Metric, Days, By, Only]]:
    """Of two values of every cut, and of two cuts at once; metric by metric the same in another order."""
    sold = both.sales["sku_id"].value_counts().index[0]
    sample = both.sales[both.sales["sku_id"] == sold].iloc[0]
    goods = {"sku_id": [sold, both.sales["sku_id"].iloc[0]], "i_id": [sample["i_id"], both.sales["i_id"].iloc[0]]}
    values = goods | {"category": ["女装", sample["category"]], "platform": [sample["platform"]],
                      "shop_id": [sample["shop_id"]], "wms_co_id": [11001], "hour": [9, 14],
                      "day": [TODAY - timedelta(days=3), TODAY - timedelta(days=1)],
                      "forecast_method": ["prophet", "last_week"], "forecast_note": [NOTES[0]]}  # fmt: skip
    every = DEPTH.of(3, 1)
    for place, metric in enumerate(_of_business()):
        for number, cut in enumerate(metric.cuts):
            if (place + number) % every:
                continue
            other = metric.cuts[(number + 1 + place) % len(metric.cuts)]
            yield metric, WEEK, (other,) if number % 2 else (), {cut: values[cut]}
        both_cuts = metric.cuts[place % len(metric.cuts)], metric.cuts[-1]
        yield metric, WEEK, (), {cut: values[cut] for cut in both_cuts}


def _difference(shown: Answer, expected: Answer) -> str:
    keys = [key for key in {*shown, *expected} if shown.get(key, "-") != expected.get(key, "-")]
    return ", ".join(f"{key!r}: {shown.get(key, '-')} not {expected.get(key, '-')}" for key in sorted(keys)[:5])


def _empty(client: Client) -> None:
    tables = client.execute(
        "SELECT database || '.' || name FROM system.tables WHERE database IN ('ods', 'dwd', 'dws', 'dim')"
    )
    for (table,) in tables:
        client.execute(f"TRUNCATE TABLE {table}")
