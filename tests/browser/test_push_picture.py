"""The picture of the daily push: a real Chromium, driven by the product, on the boards and on pages not to be sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from clickhouse_driver import Client

from jst.clock import SHANGHAI, SystemClock
from jst.errors import Misconfigured, Retry
from jst.metrics.catalogue import Period, load_catalogue
from jst.push import chromium
from jst.push.picture import Camera, Picture
from local.layout import TOOLS
from tests.support.board_site import BoardSite
from tests.support.company import MOMENT

READ = MOMENT - timedelta(seconds=8)
PICTURES = TOOLS / "browser"
MIDNIGHT = datetime(2026, 11, 30, tzinfo=SHANGHAI)


def test_the_picture_shows_the_figures_of_the_catalogue(site: BoardSite, client: Client) -> None:
    day = MOMENT.date()
    camera = Camera(site.url.removesuffix("/jst/boards"), lambda viewer: ("viewer", viewer), SystemClock())
    picture = camera.take("shops", "cai.wu", {"day": [day.isoformat()]}, since=READ)
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "push-shops.png").write_bytes(picture.png)
    assert picture.mark == READ
    shown = picture.figures["figures"]
    for code, unit in (("out_amount", " 元"), ("out_order_count", " 单"), ("refund_amount", " 元")):
        question = load_catalogue().question(code, Period(day, day, MOMENT))
        ((value,),) = client.execute(question.sql, question.parameters)
        assert shown[code] == f"{value:,}{unit}"
    assert len(picture.png) > 100_000


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
