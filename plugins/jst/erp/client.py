"""The source's client: one request at a time, within the shared budget, in whichever dialect the connection speaks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from jst.clock import Clock
from jst.erp.budget import Budget, Rate, Spending
from jst.erp.call_outcome import counted
from jst.erp.connection_errors import connection_error
from jst.erp.connection_settings import Settings
from jst.erp.dialect import Answer, Dialect, Page, Question, Sealed
from jst.erp.following import Following
from jst.erp.gateway import Gateway
from jst.erp.openapi import Openapi
from jst.erp.patience import failure, give_up, pause
from jst.erp.tokens import MemoryTokens, TokenStore
from jst.erp.warehouse_stamp import of_warehouse, stamped
from jst.errors import JstError, Misconfigured, Reauthorise, Refused, Retry, Where
from jst.model.module import Endpoint, Module
from jst.model.record_id import own_key, split_key
from jst.model.window import Window
from jst.model.words import Origin

__all__ = ["Budget", "Client", "Page", "Rate"]

T = TypeVar("T")
LONGEST_WINDOW_SECONDS = 7 * 86_400
"""The source allows a window to span no more."""

log = logging.getLogger(__name__)
# Their line per request would stand beside ours, and their debug lines hold headers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_DIALECTS: dict[str, Callable[[Settings, Clock, TokenStore], Dialect]] = {
    "gateway": lambda settings, clock, _: Gateway(settings, clock),
    "openapi": Openapi,
}


class Client:
    """Sends requests to one source. Not for several threads at once. ``tokens``: where the openapi dialect's token is
    kept, this process alone when not given; ``following``: asked before the first request and after its answer, where
    rows are stored; ``transport`` replaces the network in tests. ``on_failed_try`` is called after each try that will
    be repeated: with time-outs the third may fail minutes after the first."""

    def __init__(
        self,
        settings: Settings,
        budget: Budget,
        clock: Clock,
        *,
        tokens: TokenStore | None = None,
        following: Following | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings, self._budget, self._clock, self._following = settings, budget, clock, following
        self.dialect = settings.dialect
        self.spending, self._began = Spending(), clock.monotonic()
        self.on_failed_try: Callable[[Retry], object] = lambda _: None
        self._dialect = _DIALECTS[settings.dialect](settings, clock, tokens or MemoryTokens())
        self._http = httpx.Client(
            base_url=settings.base_url,
            timeout=settings.timeout_seconds,
            verify=settings.tls(),
            proxy=settings.proxy or None,
            trust_env=False,
            follow_redirects=False,
            # below the 5 s after which common servers hang up: a line closed under us costs a try
            limits=httpx.Limits(max_connections=4, keepalive_expiry=4.0),
            transport=transport,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def as_read(self, module: Module) -> Module:
        """Return the module as the connection wants it read."""
        return self._settings.as_read(module)

    def budget(self, module: Module) -> tuple[str, Sequence[Rate]]:
        """Return the bucket the source counts the module's requests in, and its limits."""
        return self._dialect.budget(module)

    def describe_spending(self, module: Module) -> str:
        """Return what this client has spent so far, as a line for a task's log."""
        _, rates = self._dialect.budget(module)
        return self.spending.describe(rates, self._clock.monotonic() - self._began)

    def storm(self, module: Module) -> str:
        """Return why ``module`` should be read rarely (the source has refused nearly everything for minutes), or
        empty."""
        return self._budget.storm(self._dialect.budget(module)[0])

    def page(self, module: Module, window: Window, index: int, *, origin: Origin, branch: int = 0) -> Page:
        """Return page ``index`` (from 1) of a window of at most 7 days; ``branch``: of one warehouse's records, which
        say so then.

        Tries passing trouble 3 times. Raises Refused, Retry or Misconfigured, each saying where and what to do.
        """
        where = Where(module.name, self._endpoint(module).path, str(window), index)
        if window.seconds > LONGEST_WINDOW_SECONDS:
            raise Misconfigured("窗口超过 7 天，聚水潭不接受", do="把窗口切成不超过 7 天的几段", where=where)
        return self._request(module, self._dialect.window(module, window, index), where, origin, branch)

    def since(self, module: Module, ts: int, *, origin: Origin, branch: int = 0) -> Page:
        """Return the first page of the records whose ts is ``ts`` or more, ascending; ``branch`` and errors: as in
        ``page``."""
        where = Where(module.name, self._endpoint(module).path, f"ts ≥ {ts}", 1)
        return self._request(module, self._dialect.since(module, ts), where, origin, branch)

    def listing(self, module: Module, index: int, *, origin: Origin) -> Page:
        """Return page ``index`` (from 1) of all records of a module without windows; raises like ``page``."""
        where = Where(module.name, self._endpoint(module).path, "全部", index)
        return self._request(module, self._dialect.listing(module, index), where, origin)

    def keys(self, module: Module, keys: Sequence[str], *, origin: Origin) -> Page:
        """Return the records with these values of the module's first key field, all of one warehouse where the module
        is read so; raises like ``page``."""
        endpoint = self._endpoint(module)
        if not 0 < len(keys) <= endpoint.keys_per_request:
            raise ValueError(f"1 to {endpoint.keys_per_request} keys per request, not {len(keys)}")
        where = Where(module.name, endpoint.path, f"按 {module.key[0]} {len(keys)} 个", 1)
        branch = (split_key(keys[0]) or ("", 0))[1] if module.per_warehouse else 0
        own = [own_key(module, key) for key in keys]
        return self._request(module, self._dialect.keys(module, own), where, origin, branch)

    def _endpoint(self, module: Module) -> Endpoint:
        return module.endpoint(self._dialect.name)

    def _request(self, module: Module, question: Question, where: Where, origin: Origin, branch: int = 0) -> Page:
        question = self._with_params(module, of_warehouse(module, question, branch))
        where = replace(where, window=f"仓库 {branch} {where.window}") if branch else where
        if self._following is not None:
            self._following.check()
        tries = Retrying(
            stop=give_up,
            wait=pause,
            retry=retry_if_exception_type(Retry),
            sleep=self._clock.sleep,
            before_sleep=lambda state: self._report(state, where),
            reraise=True,
        )
        try:
            answered: Page = tries(self._try_authorised, module, question, where, origin)
        except JstError as error:
            error.server = error.server or "聚水潭"
            if isinstance(error, Retry):
                error.asked = int(tries.statistics["attempt_number"])
                error.what = f"{error.what}，共试 {error.asked} 次"
            error.at(module=where.module, endpoint=where.endpoint, window=where.window, page=where.page)
            raise
        if self._following is not None:
            self._following.adopt()
        _log_page(answered, where)
        return stamped(module, answered, branch, where)

    def _report(self, state: RetryCallState, where: Where) -> None:
        trouble = failure(state)
        log.warning(
            "第 %d 次没有成功，%.0f 秒后再试：%s（%s）", state.attempt_number, pause(state), trouble.what, where
        )
        trouble.server = trouble.server or "聚水潭"
        self.on_failed_try(trouble)

    def _with_params(self, module: Module, question: Question) -> Question:
        """Add what the company's contract needs. Raises Misconfigured for a parameter that decides what is complete."""
        params = self._settings.params.get(module.name, {})
        if ours := sorted(set(params) & set(question)):
            raise Misconfigured(
                f"聚水潭连接的 extra.params.{module.name}.{ours[0]} 与完整性有关，由产品自己填写",
                do="从 extra 里删去它",
            )
        return {**params, **question}

    def _try_authorised(self, module: Module, question: Question, where: Where, origin: Origin) -> Page:
        try:
            return self._try_once(module, question, where, origin)
        except Reauthorise:
            self._dialect.renew(module)
        try:
            return self._try_once(module, question, where, origin)
        except Reauthorise as again:
            raise Misconfigured(f"{again.what}，换了新令牌仍然如此", do=again.do, where=again.where) from None

    def _try_once(self, module: Module, question: Question, where: Where, origin: Origin) -> Page:
        def ask(path: str, seal: Callable[[], Sealed], read: Callable[[Answer], T], /) -> T:
            return self._send_within_budget(module, origin, path, seal, read)

        self._dialect.authorise(ask)
        return ask(
            self._endpoint(module).path,
            lambda: self._dialect.sealed(module, question),
            lambda answer: self._dialect.page(module, question, answer),
        )

    def _send_within_budget(
        self, module: Module, origin: Origin, path: str, seal: Callable[[], Sealed], read: Callable[[Answer], T]
    ) -> T:
        bucket, rates = self._dialect.budget(module)
        asked = self._clock.monotonic()
        ticket = self._budget.wait_for_slot(bucket, rates, origin)
        self.spending.requests += 1
        self.spending.waited += self._clock.monotonic() - asked
        try:
            with counted(module.name, path, self._clock, self._budget.answered):
                # sealed after the wait: no timestamp grows old in the queue
                return read(self._send(path, seal(), ticket))
        except Refused as error:
            self.spending.refused += 1
            self._budget.refused(bucket, error.after, origin)
            raise
        except httpx.HTTPError as error:
            raise connection_error(error, self._settings, ticket) from error

    def _send(self, path: str, sealed: Sealed, ticket: int) -> Answer:
        begun = self._clock.monotonic()
        response = self._http.post(path, content=sealed.content, headers=dict(sealed.headers))
        milliseconds = round((self._clock.monotonic() - begun) * 1000)
        return Answer(response.status_code, response.headers, response.content, self._clock.now(), ticket, milliseconds)


def _log_page(page: Page, where: Where) -> None:
    log.debug(  # a shift makes some two thousand requests; its plans are what people read
        "%s：%d 行，总数 %s，request_id %s，请求号 %d，%d ms",
        where, len(page.rows), "未给" if page.total is None else page.total, page.request_id or "无", page.ticket,
        page.milliseconds,
    )  # fmt: skip
