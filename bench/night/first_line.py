"""The ledger as on-call sees it: Airflow's page 账本 in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from local import browser
from local.accounts import ADMIN
from local.layout import LocalError

_LEVELS = ("bad", "warn", "good")
_PATIENCE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """The first line: its level (bad, warn, good; '' while the page cannot be read), what it says, and what to do."""

    level: str
    what: str = ""
    rest: str = ""

    def names(self, words: str) -> bool:
        """Say whether it is no good news and has one of ``words``, which are parted by |."""
        return self.level in ("bad", "warn") and any(word in self.what for word in words.split("|"))


class Ledger:
    """One open page, as a person leaves it open: it is never reloaded."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def first_line(self) -> Line:
        """Read the first line."""
        frame = self._page.frame_locator("iframe")
        try:
            section = frame.locator("[data-part=headline]")
            classes = (section.get_attribute("class", timeout=2_000) or "").split()
            what = section.locator("h2").inner_text(timeout=2_000)
            rest = " ".join(section.locator("p").all_inner_texts())
        except Error:
            return Line("")
        return Line(next((level for level in _LEVELS if level in classes), ""), what, rest)

    def reds(self) -> list[str]:
        """Read everything that is red on the page: the first line, the list below it, the cards' lags."""
        frame = self._page.frame_locator("iframe")
        try:
            return frame.locator(".headline.bad h2, .more li.bad b").all_inner_texts()
        except Error:
            return []

    def picture(self, path: Path) -> None:
        """Photograph what fits into the window."""
        self._page.screenshot(path=path)

    def follow(self) -> str:
        """Open the first line's link in another window; return its address when Airflow finds all that the page asks
        for, else ''."""
        link = self._page.frame_locator("iframe").locator("[data-part=headline] a").first
        other, missing = self._page.context.new_page(), list[str]()
        other.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
        try:
            target = str(link.evaluate("each => each.href", timeout=2_000))
            other.goto(target)
            other.locator("main, nav").first.wait_for()
            other.wait_for_timeout(3_000)  # what the page asks for comes after it
        except Error:
            return ""
        finally:
            other.close()
        return "" if missing else target


@contextmanager
def opened(url: str, password: str, *, width: int = 1440, height: int = 1000) -> Iterator[Ledger]:
    """Log in and open the page. Raises LocalError when there is no browser or nobody can log in."""
    program = browser.find()
    if program is None:
        raise LocalError("没有浏览器：请运行 apt install " + " ".join(browser.PACKAGES))
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        try:
            context = chromium.new_context(
                base_url=url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
            )
            context.set_default_timeout(_PATIENCE_MS)
            page = context.new_page()
            page.goto("/")
            page.fill("input[name=username]", ADMIN)
            page.fill("input[name=password]", password)
            page.click("button[type=submit]")
            page.wait_for_url(f"{url}/")
            page.goto("/plugin/jst_ledger")
            page.frame_locator("iframe").locator("h1").wait_for()
            yield Ledger(page)
        except Error as problem:
            raise LocalError(f"浏览器没有打开账本：{problem.message.splitlines()[0]}") from problem
        finally:
            chromium.close()


def until(look: Ledger, wanted: str, seconds: float) -> tuple[float | None, Line]:
    """Wait until the first line names ``wanted``, or, when that is empty, until it is good; return after how many
    seconds (None: not within ``seconds``) and the line."""
    began = time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        line = look.first_line()
        if line.names(wanted) if wanted else line.level == "good":
            return spent, line
        time.sleep(0.5)
    return None, look.first_line()
