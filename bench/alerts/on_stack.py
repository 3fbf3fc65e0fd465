"""What people get on the running stack: a SKU sells out, refunds pass 5 %, ClickHouse is gone for two minutes.

Each begins at the sandbox ERP and ends at its stand-ins of the robots, which say what stood in the group and when.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from bench.instruments.running_stack import running_layout
from bench.kills.victims import processes
from jst.alerts.rules import load_rules
from local import report
from local.layout import Layout, LocalError
from local.sandbox.rows import decode, encode

MOST_SECONDS, MOST_AWAY_SECONDS = 60.0, 90.0 + 60.0
"""From the change at the source to the card in the group; a server counts as away after 90 seconds without it."""
PATIENCE = 300.0
AWAY_SECONDS = 120.0
RATE, ORDERS = 0.08, (40, 300)
"""What the after-sale rate is pushed to, of a style that was in so many orders: few documents are enough."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One scene: ``opened`` and ``closed`` are seconds until the card and the closing word, None: never; ``aim``: for
    the card; ``cards``: how many messages about it there were; ``card``: the first one."""

    title: str
    aim: float
    opened: float | None
    closed: float | None
    cards: int
    card: Row

    @property
    def good(self) -> bool:
        return self.opened is not None and self.opened <= self.aim and self.closed is not None and self.cards == 2

    def lines(self) -> Iterator[str]:
        """Say when it was told, and what people saw."""
        opened, closed = (f"{each:.0f} 秒" if each is not None else "没有" for each in (self.opened, self.closed))
        mark = "✓" if self.good else "✗"
        yield f"{mark} {self.title}：卡片 {opened}（目标 {self.aim:g}），恢复的话 {closed}，共 {self.cards} 条消息"
        if self.card:
            called = "、".join(self.card["called"]) or "（群里写名字）"
            yield f"      {self.card['title']}｜点名 {called}｜{self.card['link']}"


class Group:
    """The sandbox: its shop, and what its stand-ins of the robots have shown."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._http = httpx.Client(base_url=f"{environment['JST_ERP_URL']}/sandbox", trust_env=False, timeout=60)

    def seen(self, since: int) -> list[Row]:
        """List the messages with a number above ``since``."""
        listed = self._http.get("/messages").raise_for_status().json()["messages"]
        return [each for each in listed if each["number"] > since]

    def last(self) -> int:
        return max((each["number"] for each in self.seen(0)), default=0)

    def truth(self, module: str) -> Iterator[Row]:
        """Yield the rows of a module as the source has them."""
        lines = self._http.get(f"/truth/{module}").raise_for_status().content.splitlines()
        return (decode(line) for line in lines)

    def put(self, module: str, rows: list[Row]) -> None:
        """Store rows as given; they are changed now."""
        for row in rows:
            given = {name: value for name, value in row.items() if name not in ("modified", "ts")}
            body = encode({"module": module, "row": given})
            self._http.post("/put", content=body).raise_for_status()

    def wait(self, since: int, rule: str, word: str, closing: bool, patience: float = PATIENCE) -> Row | None:
        """Return the first message of a rule with a line about ``word`` that opens it, or closes it; None when there
        was none for ``patience`` seconds."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if found := self.about(since, rule, word, closing):
                return found[0]
            time.sleep(0.5)
        return None

    def about(self, since: int, rule: str, word: str, closing: bool) -> list[Row]:
        """List the messages of a rule, named by its title, with a line about ``word`` that opens it, or closes it."""
        return [each for each in self.seen(since) if rule in each["title"] and _says(each["text"], word, closing)]


def _says(text: str, word: str, closing: bool) -> bool:
    lines = [line for line in text.splitlines() if line.startswith("- ") and word in line]
    return any(line.startswith("- 已恢复") == closing for line in lines)


def scenes() -> Iterator[Told]:
    """Play all three; the rate is over half an hour after it was mended. Raises LocalError when the stack does not run
    or its shop has not sold enough yet."""
    layout = running_layout("演练会改动源端数据，只对沙箱进行")
    environment = report.environment(layout, sandbox=True)
    group = Group(environment)
    ask = _asking(environment)
    yield _sold_out(group, ask)
    yield _without_clickhouse(group, layout)
    yield _refunded(group, ask)


def _sold_out(group: Group, ask: Callable[[str], list[Row]]) -> Told:
    found = ask(
        "SELECT sku_id FROM dws.dws_shop_sku_day FINAL WHERE is_deleted = 0 AND biz_day >= today() - 6"
        " AND sku_id IN (SELECT sku_id FROM dws.dws_inventory FINAL WHERE is_deleted = 0"
        " GROUP BY sku_id HAVING min(qty - order_lock) > 20 AND max(enabled) = 1)"
        " GROUP BY sku_id ORDER BY sum(out_qty) DESC LIMIT 1"
    )
    if not found:
        raise LocalError("没有还有货的在售 SKU：等首次装载完成再来")
    sku_id = found[0]["sku_id"]
    before = [row for row in group.truth("branch_stock") if row["sku_id"] == sku_id]
    empty = [row | {"qty": 0, "order_lock": 0, "pick_lock": 0} for row in before]
    return _told(
        f"SKU {sku_id} 断货", group, "在售商品断货", sku_id,
        lambda: group.put("branch_stock", empty), lambda: group.put("branch_stock", before),
    )  # fmt: skip


def _refunded(group: Group, ask: Callable[[str], list[Row]]) -> Told:
    found = ask(
        "SELECT shop_id, i_id, sum(out_order_count) AS orders, sum(refund_order_count) AS refunds"
        " FROM dws.dws_shop_style_day FINAL WHERE is_deleted = 0 AND biz_day >= today() - 6 GROUP BY shop_id, i_id"
        f" HAVING orders BETWEEN {ORDERS[0]} AND {ORDERS[1]} AND refunds < 0.03 * orders ORDER BY orders LIMIT 1"
    )
    if not found:
        raise LocalError("没有售后率正常而卖得够多的款式：等首次装载完成再来")
    shop_id, i_id = int(found[0]["shop_id"]), found[0]["i_id"]
    missing = int(RATE * int(found[0]["orders"])) + 1 - int(found[0]["refunds"])
    pattern = next(row for row in group.truth("after_sale") if row["type"] == "仅退款" and row["status"] == "Refund")
    orders = (row for row in group.truth("sale_out") if row["shop_id"] == shop_id and row["status"] == "Confirmed")
    of_style = [row for row in orders if any(line["i_id"] == i_id for line in row["items"])]
    refunds = [_refund(pattern, order, i_id, number) for number, order in enumerate(of_style[-missing:], 1)]
    undone = [row | {"status": "Cancelled", "confirm_date": None} for row in refunds]
    return _told(
        f"店铺 {shop_id} 款式 {i_id} 的售后率", group, "售后率过高", i_id,
        lambda: group.put("after_sale", refunds), lambda: group.put("after_sale", undone),
    )  # fmt: skip


def _refund(pattern: Row, order: Row, i_id: str, number: int) -> Row:
    """Return an after-sale order, paid back now, for the line of a style in an order."""
    serial, now = 9_000_000_000 + int(time.time()) % 10**6 * 1000 + number, time.strftime("%Y-%m-%d %H:%M:%S")
    sold = next(line for line in order["items"] if line["i_id"] == i_id)
    line = pattern["items"][0] | {name: sold[name] for name in ("sku_id", "i_id", "name", "properties_value")}
    of_order = {name: order[name] for name in ("io_id", "o_id", "so_id", "shop_id", "shop_name")}
    as_id = type(pattern["as_id"])(serial)
    items = [line | {"asi_id": serial, "as_id": as_id}]
    times = {"as_date": now, "created": now, "confirm_date": now}
    return pattern | of_order | times | {"as_id": as_id, "outer_as_id": str(serial), "items": items}


def _without_clickhouse(group: Group, layout: Layout) -> Told:
    """Kill the server as often as it comes back, for two minutes."""

    def hold_down() -> None:
        end = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < end:
            with suppress(psutil.NoSuchProcess, KeyError):
                psutil.Process(processes(layout)["clickhouse"].pid).send_signal(signal.SIGKILL)
            time.sleep(0.5)

    return _told(
        "ClickHouse 两分钟没有", group, "服务器没有答复", "ClickHouse", hold_down, lambda: None, MOST_AWAY_SECONDS
    )


def _told(
    title: str, group: Group, rule: str, word: str, begin: Callable[[], None], mend: Callable[[], None],
    aim: float = MOST_SECONDS,
) -> Told:  # fmt: skip
    """Play a scene about ``word``. It is over ``calm_minutes`` of its rule after it was mended."""
    known = next(each for each in load_rules().by_name.values() if each.title == rule)
    since, began = group.last(), time.time()
    begin()
    card = group.wait(since, rule, word, closing=False)
    mended = time.time()
    mend()
    closing = group.wait(since, rule, word, closing=True, patience=PATIENCE + 60 * known.calm_minutes)
    cards = [each for over in (False, True) for each in group.about(since, rule, word, over)]
    return Told(
        title,
        aim,
        card["at"] - began if card else None,
        closing["at"] - mended if closing else None,
        len(cards),
        card or {},
    )


def _asking(environment: dict[str, str]) -> Callable[[str], list[Row]]:
    login = {"user": environment["JST_CLICKHOUSE_USER"], "password": environment["JST_CLICKHOUSE_PASSWORD"]}

    def ask(statement: str) -> list[Row]:
        answer = httpx.post(
            environment["JST_CLICKHOUSE_HTTP"], params=login, content=f"{statement} FORMAT JSON", trust_env=False
        )
        return list(answer.raise_for_status().json()["data"])

    return ask
