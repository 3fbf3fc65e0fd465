"""``python -m bench.backfill``: on a stack whose past of some days is loaded."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import psycopg2

from bench.backfill import backfill_dag
from bench.backfill.tables import Tables
from bench.instruments.running_stack import busy_stack
from jst.clock import SHANGHAI
from local import report
from local.airflow_api import AirflowApi
from local.layout import LocalError

_LONGEST, _LOOK_EVERY, _TOUCHED = 3600.0, 5.0, 20
_ENDED = ("success", "failed")


@dataclass(frozen=True, slots=True)
class BackfillOutcome:
    """``torn`` records were deleted from the tables, of which ``touched`` changed at the source afterwards."""

    torn: dict[str, int]
    touched: int
    seconds: float
    runs: dict[str, str]
    certificates: dict[str, str]
    holes_left: dict[str, int]
    other_days_same: bool
    requests: int
    refused: int

    @property
    def good(self) -> bool:
        return (
            set(self.runs.values()) == {"success"}
            and set(self.certificates.values()) == {"proven"}
            and not any(self.holes_left.values())
            and self.other_days_same
        )


class BackfillDrill:
    def __init__(self, environment: dict[str, str]) -> None:
        self._tables, self._airflow = Tables(environment), AirflowApi.of(environment)
        self._erp = httpx.Client(base_url=f"{environment['JST_ERP_URL']}/sandbox", trust_env=False, timeout=30)
        self._dsn = environment["JST_CONTROL_DSN"]

    def close(self) -> None:
        for client in (self._tables, self._airflow, self._erp):
            client.close()

    def run(self, days: list[date]) -> BackfillOutcome:
        """Run the backfill of these days. Raises LocalError when the runs do not end."""
        self._until_none_runs()
        others = f"biz_day < '{days[0]}' AND biz_day > '2000-01-01'"
        before = self._tables.print_of(others)
        torn = self._tear(days)
        touched = self._touch(torn["sale_out"])
        stats, began = self._stats(), time.monotonic()
        backfill_dag.start(self._airflow, days[0], days[-1])
        runs = self._until_done(days)
        seconds, after = time.monotonic() - began, self._stats()
        keys = {"sale_out": "io_id", "after_sale": "as_id", "inventory": "sku_id"}
        return BackfillOutcome(
            torn={module: len(found) for module, found in torn.items()},
            touched=touched,
            seconds=round(seconds, 1),
            runs=runs,
            certificates=dict(self._certificates(days)),
            holes_left={module: self._tables.missing(module, keys[module], found) for module, found in torn.items()},
            other_days_same=self._tables.print_of(others) == before,
            requests=after[0] - stats[0],
            refused=after[1] - stats[1],
        )

    def _tear(self, days: list[date]) -> dict[str, list[str]]:
        first, second, last = days
        tables = self._tables
        orders = tables.tear("sale_out", "io_id", f"toDate(io_date) = '{first}'")
        orders += tables.tear(
            "sale_out", "io_id", f"toDate(modified) = '{second}' AND toHour(modified) BETWEEN 9 AND 11"
        )
        return {
            "sale_out": orders,
            "after_sale": tables.tear("after_sale", "as_id", f"toDate(created) IN ('{second}', '{last}')"),
            "inventory": tables.tear("inventory", "sku_id", "cityHash64(sku_id) % 20 = 0"),
        }

    def _touch(self, keys: list[str]) -> int:
        touched = keys[::_TOUCHED]
        self._erp.post("/touch", json={"module": "sale_out", "keys": touched}).raise_for_status()
        return len(touched)

    def _stats(self) -> tuple[int, int]:
        found = self._erp.get("/stats").raise_for_status().json()
        return sum(count for codes in found["requests"].values() for count in codes.values()), found["refused"]

    def _until_none_runs(self) -> None:
        """Wait until no run is under way: it would be left out of the backfill."""
        self._wait(
            lambda: all(state in _ENDED for state in backfill_dag.runs(self._airflow).values()), "夜间的一次还没有结束"
        )

    def _until_done(self, days: list[date]) -> dict[str, str]:
        wanted = set(map(str, days))

        def done() -> bool:
            runs = backfill_dag.runs(self._airflow)
            return all(runs.get(day) in _ENDED for day in wanted)

        time.sleep(2)  # runs that ended before are asked for again: let them be queued
        self._wait(done, "回填没有结束")
        return {day: state for day, state in backfill_dag.runs(self._airflow).items() if day in wanted}

    def _wait(self, done: Callable[[], bool], what: str) -> None:
        began = told = time.monotonic()
        while not done():
            if time.monotonic() - began > _LONGEST:
                raise LocalError(f"{_LONGEST:.0f} 秒后{what}：看 Airflow 里的 {backfill_dag.DAG}")
            if time.monotonic() - told > 30:
                told = time.monotonic()
                print(f"  … {told - began:.0f} 秒：{backfill_dag.runs(self._airflow)}", flush=True)
            time.sleep(_LOOK_EVERY)

    def _certificates(self, days: list[date]) -> Iterator[tuple[str, str]]:
        with closing(psycopg2.connect(self._dsn)) as connection, connection.cursor() as cur:
            cur.execute(
                """SELECT DISTINCT ON (day, module) day, module, state, keys, source_amount, our_amount, reasons
                   FROM certificate WHERE day = ANY(%s) ORDER BY day, module, number DESC""",
                (days,),
            )
            for day, module, state, keys, source, ours, reasons in cur.fetchall():
                print(f"  {day} {module}：{state}，{keys} 个主键，金额 {source} / {ours} {'；'.join(reasons)}")
                yield f"{day} {module}", state


def main(arguments: list[str]) -> int:
    """Exit code: 0 all closed and proven, 1 not, 2 when it could not be done."""
    parser = argparse.ArgumentParser("bench.backfill", description="故意删掉过去三天的部分数据，用回填补上，读证书")
    parser.add_argument("--json", type=Path, metavar="文件", help="结果另存为 JSON")
    options = parser.parse_args(arguments)
    today = datetime.now(SHANGHAI).date()
    try:
        with (
            busy_stack("演练会删掉数据再补上，只对沙箱进行") as layout,
            closing(BackfillDrill(report.environment(layout, sandbox=True))) as drill,
        ):
            outcome = drill.run([today - timedelta(days=number) for number in (3, 2, 1)])
    except (LocalError, httpx.HTTPError) as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 2
    text = json.dumps(asdict(outcome), ensure_ascii=False, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", "utf-8")
    print("✓ 全部补上，证书都已证明，别的日子没有变" if outcome.good else "✗ 没有全部补上", flush=True)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
