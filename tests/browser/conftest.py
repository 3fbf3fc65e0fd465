"""A real Airflow api-server and a real browser, both started once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache, partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from jst.control.database import Database
from jst.control.postgres_migrations import migrate
from local import browser
from local.accounts import ADMIN
from local.instance import Instance
from local.layout import TOOLS
from local.services.process import shown
from tests.support.board_fixtures import board, client, site
from tests.support.browse import PATIENCE, Browse
from tests.support.evening import Memory
from tests.support.metadata import put_pools
from tests.support.stores import empty_control

__all__ = ["board", "client", "site"]

PICTURES = TOOLS / "browser"
_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def airflow(stack: Instance, postgres_dsn: str) -> str:
    """URL of an api-server whose control database has its tables; no scheduler: what a test enters stays."""
    with Database(postgres_dsn) as database:
        migrate(database)
    url = stack.airflow()
    put_pools(stack)
    return url


@pytest.fixture
def memory(airflow: str, postgres_dsn: str) -> Iterator[Memory]:
    """An evening on which all is well."""
    with Database(postgres_dsn) as database:
        empty_control(database)
        memory = Memory(database)
        memory.working()
        yield memory


@pytest.fixture(scope="session")
def dags(stack: Instance, airflow: str) -> None:
    """Airflow knows the DAGs of ``dags/``."""
    stack.read_dags()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = browser.find()
    if program is None:
        pytest.fail("没有浏览器：make test 会安装它，或请运行 apt install " + " ".join(browser.PACKAGES))
    with sync_playwright() as playwright:
        # a container often has a tiny /dev/shm, and root no sandbox
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=program, args=options)
        yield started
        started.close()


@pytest.fixture(scope="session")
def logged_in(stack: Instance, airflow: str, chromium: Browser) -> StorageState:
    """What a browser keeps after the administrator has logged in by the form."""
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(airflow)
    page.fill("input[name=username]", ADMIN)
    page.fill("input[name=password]", stack.layout.secrets.airflow_admin)
    page.click("button[type=submit]")
    page.wait_for_url(f"{airflow}/")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture(scope="session")
def admins(airflow: str, chromium: Browser, logged_in: StorageState) -> Callable[[str, int, bool], BrowserContext]:
    """The administrator's browser: what Airflow's pages are made of is fetched and compiled once for all tests."""
    return cache(partial(_context, airflow, chromium, logged_in))


@pytest.fixture
def browse(
    request: pytest.FixtureRequest, airflow: str, chromium: Browser, admins: Callable[[str, int, bool], BrowserContext]
) -> Iterator[Browse]:
    """``browse()`` is a new window of a Chinese browser in Shanghai whose user is logged in; ``browse(timezone="UTC",
    login=False, width=390, dark=True)`` is another. Paths are relative to Airflow: ``page.goto("/dags")``. A page of a
    test that fails is photographed."""
    expect.set_options(timeout=PATIENCE * 1000)
    with ExitStack() as windows:

        def opened(
            *, timezone: str = "Asia/Shanghai", login: bool = True, width: int = 1280, dark: bool = False
        ) -> Page:
            if login:
                page = admins(timezone, width, dark).new_page()
                windows.callback(page.close)
            else:
                stranger = _context(airflow, chromium, None, timezone, width, dark)
                windows.callback(stranger.close)
                page = stranger.new_page()
            windows.callback(lambda: _photograph(request.node, page))
            return page

        yield opened


def _context(
    airflow: str, chromium: Browser, kept: StorageState | None, timezone: str, width: int, dark: bool
) -> BrowserContext:
    context = chromium.new_context(
        base_url=airflow, locale="zh-CN", timezone_id=timezone, storage_state=kept,
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE * 1000)
    return context


def _photograph(test: pytest.Item, page: Page) -> None:
    if test.stash.get(_FAILED, False):
        picture = PICTURES / f"{test.name}.png"
        page.screenshot(path=picture, full_page=True)
        print(f"页面截图：{shown(picture)}（{page.url}）")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report
