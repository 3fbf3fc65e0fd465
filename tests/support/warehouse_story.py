"""All that the product asks of ClickHouse, asked once of an engine: what it answers, and what its tables hold then.

The rows are those of ``tests/integration/warehouse/cases``. A step is taken for every module that has it, a check, a
metric, a mart for every file there is; ``not_run`` names the files of ``include/sql`` that no statement came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from jst.access.fill import fill, viewers
from jst.access.proof import Prover, store
from jst.access.quick_bi import QuickBiSettings
from jst.access.quick_bi_sync import fill_tags
from jst.access.spec import People, load_access
from jst.clock import SHANGHAI
from jst.forecast.candidate import Candidate
from jst.forecast.forecast_store import ForecastStore, PublishedHour
from jst.forecast.history import ShopSales, midnight
from jst.metrics.catalogue import WIDE, Period, load_catalogue
from jst.model.check_facts import load_checks
from jst.model.module import Module, load_module, modules_of
from jst.model.window import Window
from jst.monitoring import families
from jst.replenishment.outlook import refresh as refresh_outlook
from jst.replenishment.plan_lines import file_lines, store_lines
from jst.replenishment.terms import Params, PlanLine, SkuState
from jst.warehouse import day_compare, mart_tables, node_copy, window_compare
from jst.warehouse.bi_views import bi_views
from jst.warehouse.outranking_rows import bring_down, outranking
from jst.warehouse.sql import FOLDER, INSERT_SETTINGS, modules_with, statement
from jst.warehouse.widen_tables import (
    EVERY_KIND,
    clean,
    has_labels,
    known_keys,
    label_dimensions,
    show_kind,
    stale,
    stale_lately,
    widen,
)
from jst.workbook.shops import store_shops
from tests.support.board_questions import board_questions
from tests.support.fake_source import FakeClock
from tests.support.sold_days import flat
from tests.support.sold_skus import KnownDays
from tests.support.warehouse import SHOPS, Warehouse

CASES = Path(__file__).parents[1] / "integration" / "warehouse" / "cases"
FIRST, LAST = date(2025, 12, 31), date(2026, 1, 4)
OF_OTHER_SERVERS = {"migrations/postgres", "ledger", "mysql_mirror/columns", "mysql_mirror/create_dim_sku"} | {
    *(f"checks/{check.name}" for check in load_checks() if check.store == "control"),
    *("figures/calls", "figures/modules", "metrics/tables/queries", "boards/marks", "boards/waiting_days"),
    *("figures/bi_health", "monitoring/recent_queries"),
    *("alerts/certificate_missing", "alerts/letters"),
    *("forecast/known", "forecast/behind", "forecast/certified"),
    *(f"monitoring/{family.name}" for family in families.load_families().values() if family.server == "control"),
}
"""Files and folders that PostgreSQL and MySQL read, and the log of queries, which an engine in a process has not."""
LOG = """(SELECT toDateTime('2026-01-04 11:30:00', 'Asia/Shanghai') AS event_time, toDate(event_time) AS event_date,
    'lingyang_bi' AS user, number AS query_duration_ms,
    if(number = 7, 'ExceptionWhileProcessing', 'QueryFinish') AS type,
    1 AS is_initial_query, 'Select' AS query_kind, 'viewer' AS log_comment,
    if(number = 7, 241, 0) AS exception_code, 2 AS interface, '' AS client_name, ['bi'] AS databases
    FROM numbers(20))"""
ASKED_NOW = ("api_requests", "feeds", "feed_minutes", "bi_health", "bi_windows")
"""Rows of which the story stores those of this hour."""
_SLOT = re.compile(r"\$\{(?:[^${}]|\$\{\w+\})*\}")
Told = list[tuple[str, Any]]
"""Statements and their answers, rows sorted."""


class Recorder:
    """A client that keeps what it is asked and what it answers."""

    def __init__(self, client: Any) -> None:
        self.client, self.told = client, Told()

    def execute(self, sql: str, params: Any = None, **options: Any) -> Any:
        answer = self.client.execute(sql, params, **options)
        rows = answer[0] if options.get("with_column_types") else answer
        if "system.settings" in sql or "system.processes" in sql:
            rows = None  # what an engine says of itself
        elif sql.endswith("WHERE 1 LIMIT 1"):
            rows = len(rows)  # that it may be read; which row comes first hangs on how far an engine has merged
        self.told.append((sql, sorted(map(_without_zones, rows), key=repr) if isinstance(rows, list) else rows))
        return answer

    @property
    def last_query(self) -> Any:
        return self.client.last_query


def _without_zones(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """All times are Shanghai's; an engine in this process does not say so."""
    return tuple(value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in row)


class Story:
    """``client``: a migrated engine; ``now``: the moment the data are read at; ``address``: a server whose tables hold
    the same, to be copied from."""

    def __init__(self, client: Any, now: datetime, address: node_copy.Address) -> None:
        self._quiet, self._recorder, self._address, self._now = Recorder(client), Recorder(client), address, now
        self._warehouse = Warehouse(self._recorder)
        self._warehouse.read_at = now
        self._tickets, self._batches = count(1), dict[str, list[tuple[str, int]]]()

    def tell(self) -> Told:
        """Ask everything, in the order of a working day."""
        Warehouse(self._quiet).empty()
        for table in node_copy.tables(self._quiet):
            self._quiet.execute(f"TRUNCATE TABLE {table.name}")
        documents, dimensions = modules_of("live"), modules_of("dimension")
        for module in (*dimensions, *documents):
            for wave in (1, 2, 3):
                self._load(module, wave)
        self._relabel(dimensions, documents)
        for module in map(load_module, modules_with("certify")):
            self._bring_down(module)
        for module in documents:
            self._reconcile(module)
        self._backfill()
        self._marts(documents)
        for view in bi_views():
            self._recorder.execute(f"SELECT * FROM bi.{view.name}")
        self._outlook()
        self._forecast()
        self._metrics()
        self._checks()
        self._access()
        self._boards()
        self._say_to_whom()
        self._replenish()
        self._recorder.execute(statement("mysql_mirror/sku"), with_column_types=True)
        self._copy_a_node()
        return self._recorder.told

    def asked(self) -> list[str]:
        """List all statements, those included whose answers say something about the engine only."""
        return [sql for sql, _ in (*self._quiet.told, *self._recorder.told)]

    def _load(self, module: Module, wave: int) -> None:
        """Store the wave of every case as a batch of its own, then load them all."""
        records, plans = [], self._batches.setdefault(module.name, [])
        for case in sorted(CASES.glob(f"{module.name}/*")):
            if (path := case / f"{wave}.ndjson").exists():
                plans.append((f"{case.name}-{wave}", 1))
                bodies = [_own(line, module, case.name) for line in path.read_text("utf-8").splitlines()]
                records += self._warehouse.store(module.name, plans[-1][0], bodies, ticket=next(self._tickets))
        if records:
            keys = {record.key for record in records}
            known = known_keys(self._recorder, module, keys) if mart_tables.feeds_marts(module) else None
            widen(self._recorder, module, clean(self._recorder, module, records, known=known), known=known)

    def _relabel(self, dimensions: list[Module], documents: list[Module]) -> None:
        """Rename what has labels, and find the rows that show the old ones."""
        shops = tuple(replace(shop, shop_name=f"{shop.shop_name}二", owner="wang.fang") for shop in SHOPS.shops)
        fees = tuple(replace(fee, fee_rate=fee.fee_rate * 2) for fee in SHOPS.fees)
        store_shops(self._recorder, replace(SHOPS, shops=shops, fees=fees, quality=("七天无理由",)))
        sku = {"sku_id": "A", "name": "再改", "enabled": 0, "modified": "2026-01-05 00:00:00"}
        self._warehouse.load("sku", "renamed", [json.dumps(sku)], ticket=next(self._tickets))
        label_dimensions(self._recorder)
        for module in map(load_module, modules_with("stale_lately")):
            stale_lately(self._recorder, module, self._now - timedelta(hours=1))
        for module in (*dimensions, *documents):
            if has_labels(module):
                widen(self._recorder, module, stale(self._recorder, module))

    def _bring_down(self, module: Module) -> None:
        """Let a row of every module have a version above what the rule of today makes of it."""
        table, key = f"dwd.dwd_{module.name}", module.key[0]
        self._quiet.execute(
            f"INSERT INTO {table} SELECT * REPLACE (18446744073709551615 AS version) FROM {table} FINAL"
            f" WHERE {key} = (SELECT min({key}) FROM {table})"
        )
        keys = outranking(self._recorder, module)
        bring_down(self._recorder, module, keys)
        widen(self._recorder, module, keys)

    def _reconcile(self, module: Module) -> None:
        first, last = (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) for day in (FIRST, LAST))
        windows = [Window(first + timedelta(hours=12 * n), first + timedelta(hours=12 * n + 12)) for n in range(8)]
        batches = self._batches[module.name]
        window = Window(first, last)
        keys = list(window_compare.held(self._recorder, module, window))
        window_compare.versions_of(self._recorder, module, keys[:3])
        window_compare.places_of(self._recorder, module, keys[:3])
        window_compare.brought(self._recorder, module, batches)
        window_compare.surplus(self._recorder, module, window, batches[:1])
        window_compare.count(self._recorder, module, windows, keys[:2])

    def _backfill(self) -> None:
        for name in modules_with("certify"):
            module = load_module(name)
            slices = [(plan, attempt, "00:00") for plan, attempt in self._batches[name]]
            for day in (date(2026, 1, 1), date(2026, 1, 2)):
                day_compare.compare(self._recorder, module, day, slices)
            day_compare.kept(self._recorder, module, slices)
        show_kind(self._recorder, EVERY_KIND)
        for name in modules_with("sweep"):
            self._recorder.execute(statement(f"modules/{name}/sweep"))
        day_compare.take_snapshot(self._recorder, date(2026, 1, 2), datetime(2026, 1, 3, tzinfo=SHANGHAI))
        day_compare.snapshot(self._recorder, date(2026, 1, 2))

    def _marts(self, documents: list[Module]) -> None:
        for module in documents:
            if not mart_tables.feeds_marts(module):
                continue
            keys = [key for (key,) in self._quiet.execute(f"SELECT DISTINCT key FROM ods.{module.name}")]
            # it is read without FINAL: what it tells would hang on how far an engine has merged by itself
            self._quiet.execute(f"OPTIMIZE TABLE dws.dws_{module.name} FINAL")
            days = sorted(mart_tables.touched(self._recorder, module, sorted(keys)).items())
            for day, places in days:
                mart_tables.keep_costs(self._recorder, day, sorted(places or ()), closed_too=True)
            for version, mart in enumerate(mart_tables.mart_names(), 1):
                for day, places in days:
                    mart_tables.refresh(self._recorder, mart, day, version, sorted(places or ()))
                mart_tables.refresh(self._recorder, mart, days[0][0], version + 10)
        mart_tables.refresh_week(self._recorder, 1)
        mart_tables.days_that_differ(self._recorder)
        mart_tables.days_without_cost(self._recorder)

    def _outlook(self) -> None:
        """Say how long stock lasts, as on a morning after some sales."""
        refresh_outlook(self._recorder, FakeClock(datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)), KnownDays({}))

    def _forecast(self) -> None:
        """Publish what two shops sell for one of their days, let one go, and write beside it what came."""
        forecasts, day = ForecastStore(self._recorder), date(2026, 1, 2)
        shops = forecasts.shops([(FIRST, LAST)])
        said = Candidate(day, "total", "profile", flat(240.0), midnight(day), actual=flat(120.0))
        forecasts.store_candidates([said], self._now, 1)
        forecasts.candidates(FIRST, LAST)
        hours = [
            PublishedHour(shop, hour, 10.0, 12.0, 3.0, 1.0, 2.0, "profile")
            for shop in (ShopSales(1, "一", "天猫", {}, {}), *shops.values())
            for hour in range(24)
        ]
        about = ("用到 01-02 00:00 的数据", False, midnight(day), midnight(day))
        forecasts.publish(day, hours, about, 1)
        forecasts.publish(day, hours[24:], about, 2)
        forecasts.settle(day, 3)

    def _metrics(self) -> None:
        catalogue = load_catalogue()
        self._figures()
        # what it answers is of this moment and this server
        published = families.question("warehouse").replace("system.query_log", LOG)
        self._recorder.execute(f"SELECT count() >= 0 FROM ({published})")
        period = Period(FIRST, LAST, datetime(2026, 1, 4, 12, tzinfo=SHANGHAI))
        today = Period(self._now.date(), self._now.date(), self._now)
        first_of_rows = {metric.rows.name: code for code, metric in reversed(list(catalogue.metrics.items()))}
        asked = [(code, metric.cuts) for code, metric in catalogue.metrics.items()]
        for code, cuts in (*asked, *((code, ()) for code in first_of_rows.values())):
            of = today if catalogue.metrics[code].rows.name in ASKED_NOW else period
            question = catalogue.question(code, of, cuts, source=WIDE)
            self._recorder.execute(question.sql.replace("system.query_log", LOG), question.parameters)
        for name, mart in catalogue.marts.items():
            for code in mart.answers:
                by = [cut for cut in mart.cuts if cut in catalogue.metrics[code].cuts]
                only = {cut: ["1"] for cut in by if cut not in ("day", "hour")}
                question = catalogue.question(code, period, by, only=only, source=name)
                self._recorder.execute(question.sql, question.parameters)

    def _figures(self) -> None:
        self._recorder.execute(statement("figures/calls_until"))
        at = self._now.replace(second=0) - timedelta(minutes=2)
        calls = [
            (at, "sku", "/sku", outcome, kind, 9, 900, [0, 3, 5, 1, *[0] * 30], self._now)
            for outcome, kind in (("ok", "ok"), ("code_199", "refused"))
        ]
        self._recorder.execute(statement("figures/store_calls"), calls, settings=INSERT_SETTINGS)
        modules = [
            (at, module, at, state, lag, at, at, 1, 2, day, certificate, 1, 0)
            for module, state, lag, day, certificate in (
                ("sale_out", "live", 1.5, LAST, "proven"), ("sku", "clock", None, None, ""), ("", "", None, None, ""),
            )
        ]  # fmt: skip
        self._recorder.execute(statement("figures/store_modules"), modules, settings=INSERT_SETTINGS)
        scored = statement("figures/bi_health").replace("system.query_log", LOG)
        score = self._recorder.execute(scored, {"until": "2026-01-04 11:32:00"})[0]
        scores = [(at - timedelta(minutes=back), *score, self._now) for back in (0, 1, 6)]
        self._recorder.execute(statement("figures/store_bi_health"), scores, settings=INSERT_SETTINGS)

    def _checks(self) -> None:
        for check in load_checks():
            if check.store == "warehouse":
                self._recorder.execute(statement(f"checks/{check.name}", **EVERY_KIND))
        row = ("freshness", self._now, "bad", "data", 1, ["sku"], self._now, 0.5)
        self._recorder.execute(statement("check_results/store"), [row], settings=INSERT_SETTINGS)

    def _access(self) -> None:
        fill(self._recorder, People(finance=("cai.wu",), all_shops=("cai.wu",), personal={}))
        fill_tags(self._recorder, QuickBiSettings("", "", "", "", "dept_{account}", ()))
        known = viewers(self._recorder)
        proofs = Prover(load_access(), self._recorder, self._recorder, self._recorder).prove(known)
        named = {viewer.account for viewer in known}
        store(self._recorder, [proof for proof in proofs if proof.account in named], self._now)

    def _boards(self) -> None:
        self._quiet.execute(statement("boards/written"))  # parts are of one engine
        for sql, parameters in board_questions(datetime(2026, 1, 4, 12, tzinfo=SHANGHAI), self._now):
            self._recorder.execute(sql.replace("system.query_log", LOG), parameters)

    def _say_to_whom(self) -> None:
        for name in ("alerts/categories", "alerts/sellers"):
            self._recorder.execute(statement(name), {"skus": ("A", "B", "G")})
        self._recorder.execute(statement("messages/owners"))

    def _replenish(self) -> None:
        """Store a plan, read it for its file, and look back at it three days later."""
        states = [SkuState("A", 1, 5.0, locked=1.0, in_transit=2.0, cost_price=Decimal("3.5")), SkuState("B", 1, 0.0)]
        lines = [
            PlanLine("order", "A", 1, 10, 12, "日销 1.5 件", 1, self._now.date(), 1.5),
            PlanLine("move", "B", 1, 3, 3, "那里有", 2, None, 0.2, source=2, source_name="北京仓"),
        ]
        store_lines(self._recorder, 7, lines, states, Params(lead_days=1, lead_spread_days=0), self._now)
        for cost in (False, True):
            file_lines(self._recorder.execute, 7, cost=cost)
        then = self._now + timedelta(days=3)
        today = then.astimezone(SHANGHAI).date()
        stock = [(today - timedelta(days=ago), "A", 1, ago, ago, 0, 1) for ago in range(1, 5)]
        columns = "day, sku_id, wms_co_id, qty, purchase_qty, available_qty, version"
        self._quiet.execute(f"INSERT INTO dws.dws_inventory_day ({columns}) VALUES", stock)
        self._recorder.execute(
            statement("replenishment/look_back"), {"today": today.isoformat(), "now": int(then.timestamp())}
        )
        self._recorder.execute(statement("replenishment/outcomes"), {"ids": [7]})
        self._recorder.execute(statement("replenishment/choices"))

    def _copy_a_node(self) -> None:
        """Compare all tables, row by row; delete nothing and copy a partition."""
        migrations = " ".join(path.read_text("utf-8") for path in (FOLDER / "migrations" / "clickhouse").glob("*.sql"))
        tables = [table for table in node_copy.tables(self._quiet) if f" {table.name}\n" in migrations]
        for table in tables:
            self._recorder.execute(f"SELECT {table.compared} FROM {table.name} SETTINGS final = 1")
            by = node_copy.buckets(replace(table, rows=0))
            self._recorder.execute(
                statement("standby/sums", by=by, compared=table.compared, table=table.name, where="1")
            )
        wide = next(table for table in tables if table.name == "dws.dws_sale_out")
        self._quiet.execute(statement("standby/partitions"), {"table": wide.name})
        self._quiet.execute(statement("standby/delete", table=wide.name, where="io_id = ''"))
        copy = statement("standby/copy", remote="remote", table=wide.name, stored=wide.stored, where="io_id = ''")
        facts = {"address": self._address.host_port, "user": self._address.user, "password": self._address.password}
        self._quiet.execute(copy, facts, settings=INSERT_SETTINGS)
        self._quiet.execute(statement("standby/kill"), {})


def _own(line: str, module: Module, case: str) -> str:
    """The body with keys no other case has: the cases of documents with lines all speak of the same few orders."""
    body = json.loads(line, parse_float=str)
    if module.lines:
        body |= {name: f"{case}-{body[name]}" for name in module.key if body.get(name)}
    return json.dumps(body, ensure_ascii=False)


def not_run(asked: list[str]) -> Iterator[str]:
    """Name the files of ClickHouse's SQL that none of these statements was made of."""
    statements = {_bare(sql) for sql in asked}
    for path in sorted(FOLDER.rglob("*.sql")):
        name = path.relative_to(FOLDER).with_suffix("").as_posix()
        if any(name == other or name.startswith(f"{other}/") for other in OF_OTHER_SERVERS):
            continue
        parts = [_bare(part) for part in _SLOT.split(path.read_text("utf-8"))]
        if not any(_has_in_order(sql, parts) for sql in statements):
            yield name


def _bare(sql: str) -> str:
    """Without comments, blanks as one."""
    return " ".join(re.sub(r"--[^\n]*", "", sql).split())


def _has_in_order(sql: str, parts: list[str]) -> bool:
    place = 0
    for part in parts:
        place = sql.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True
