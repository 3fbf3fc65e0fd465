"""The picture of the daily push: a real Chromium, driven by the product, on the boards and on pages not to be sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from clickhouse_driver import Client

from jst.boards.logins import Logins
from jst.clock import SHANGHAI, SystemClock
from jst.errors import Misconfigured, Retry
from jst.metrics.catalogue import Period, load_catalogue
from jst.push import chromium
from jst.push.day_figures import FigureReader
from jst.push.editions import load_push
from jst.push.picture import Camera, Picture
from local.layout import TOOLS
from tests.support.board_site import BoardSite
from tests.support.company import MOMENT, OWN_SHOPS, SHOPS

READ = MOMENT - timedelta(seconds=8)
PICTURES = TOOLS / "browser"
MIDNIGHT = datetime(2026, 11, 30, tzinfo=SHANGHAI)


def test_the_picture_shows_the_figures_of_the_catalogue(site: BoardSite, client: Client) -> None:
    day = MOMENT.date()
    camera = Camera(site.url.removesuffix("/jst/boards"), lambda viewer: ("viewer", viewer), SystemClock())
    picture = camera.take("shops", "cai.wu", {"day": [day.isoformat()]}, since=READ)
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "push-shops.png").write_bytes(picture.png)
    assert (
        READ <= picture.mark < READ + timedelta(minutes=5)
    )  # nothing is written any more, so every look is a new mark
    assert picture.title.endswith(day.isoformat())  # the picture itself says of which day it is
    shown = picture.figures["figures"]
    for code, unit in (("out_amount", ".2f} 元"), ("out_order_count", "} 单"), ("refund_amount", ".2f} 元")):
        question = load_catalogue().question(code, Period(day, day, MOMENT))
        ((value,),) = client.execute(question.sql, question.parameters)
        assert shown[code] == f"{{:,{unit}".format(value)
    assert len(picture.png) > 100_000


def test_the_text_says_what_the_catalogue_says_to_its_viewer(site: BoardSite, client: Client) -> None:
    on, ask = MOMENT.date(), Logins(site.login, site.clock, seconds=10)
    daily = replace(load_push().editions["daily"], viewer="zhao.lei")
    spans = [daily.span(on), *daily.compared(on)]
    figures = FigureReader(load_catalogue(), ask).read(daily, spans[0], spans[1:], MOMENT)
    for span, values in zip(spans, [figures.values, *(values for _, values in figures.compared)], strict=True):
        for code in daily.metrics:
            question = load_catalogue().question(code, Period(span.first, span.last, MOMENT))
            assert (values[code],) == client.execute(question.sql, question.parameters)[0], (code, span)
    assert figures.shops == {shop: name for shop, (name, *_) in SHOPS.items()}
    day = Period(spans[0].first, spans[0].last, MOMENT)
    rate, orders = (
        dict(client.execute(question.sql, question.parameters))
        for question in (
            load_catalogue().question(code, day, ["shop_id"]) for code in ("after_sale_rate", "out_order_count")
        )
    )
    above = {shop for shop, value in rate.items() if value and value > Decimal("0.05") and orders.get(shop, 0) >= 30}
    assert {each.shop for each in figures.found if each.threshold.metric == "after_sale_rate"} == above
    own = FigureReader(load_catalogue(), ask).read(replace(daily, viewer="he.xin"), spans[0], spans[1:], MOMENT)
    assert set(own.shops) == set(OWN_SHOPS["he.xin"])
    with pytest.raises(Misconfigured, match="账号 push 看不到任何店铺"):
        FigureReader(load_catalogue(), ask).read(replace(daily, viewer="push"), spans[0], spans[1:], MOMENT)
    assert Decimal(0) < Decimal(own.values["out_amount"] or 0) < Decimal(figures.values["out_amount"] or 0)


class Pages:
    """Serves one page after the other, whatever is asked for; ``cookies`` that came with them."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.cookies: list[str] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.bodies.pop(0) if self.path.startswith("/jst/") else ""
                pages.cookies += [self.headers["Cookie"]] * bool(body)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *arguments: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, *bodies: str) -> Picture:
        self.bodies = list(bodies)
        address = f"http://127.0.0.1:{self._server.server_port}"
        return Camera(address, lambda viewer: ("jst_wall", f"key-of-{viewer}"), SystemClock()).take(
            "shops", "push", {}, MIDNIGHT
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def pages() -> Iterator[Pages]:
    pages = Pages()
    yield pages
    pages.close()


def page(state: str = "ok", *, painted: bool = True, stamp: datetime = MIDNIGHT, words: str = "") -> str:
    """A board with one panel, as look.js reads it."""
    return f"""<!doctype html><title>看板</title><body style="margin:0">
    <section data-panel="ranking" data-state="{state}"><h2>店铺</h2>
    <p class="state">{words}</p><canvas width="1800" height="900"></canvas>
    <footer><time datetime="{stamp.isoformat()}"></time></footer></section>
    <script>const brush = document.querySelector("canvas").getContext("2d");
    for (let x = 0; {str(painted).lower()} && x < 1800; x += 12) for (let y = 0; y < 900; y += 12) {{
      brush.fillStyle = `hsl(${{(x * 7 + y * 13) % 360}} 80% ${{30 + (x * y) % 50}}%)`; brush.fillRect(x, y, 12, 12);
    }}
    document.body.dataset.drawn = "1";</script>"""


def test_what_must_not_be_sent_is_taken_again_and_then_named(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    old = MIDNIGHT - timedelta(minutes=1)
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(Retry, match="图上的数据截至 11-29 23:59:00，应当不早于 11-30 00:00:00"),
    ):
        pages.take(page("failed", words="ClickHouse 没有答复"), page(painted=False), page(stamp=old))
    assert pages.cookies == ["jst_wall=key-of-push"] * 3
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "看板 shops 的图没有成功，再试 2 次：面板“店铺”没有数：ClickHouse 没有答复",
        "看板 shops 的图没有成功，再试 1 次：面板“店铺”的图是空的",
    ]


def test_without_chinese_fonts_no_browser_is_started(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig/>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    with pytest.raises(Misconfigured, match="没有中文字体") as caught:
        pages.take(page())
    assert "fonts-noto-cjk" in caught.value.do
    assert pages.cookies == []
    monkeypatch.setattr(chromium, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(Misconfigured, match="没有浏览器"):
        pages.take(page())
