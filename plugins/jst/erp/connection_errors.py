"""What no answer means: which of our errors it is, and what to look at."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from jst.erp.connection_settings import Settings
from jst.errors import JstError, Misconfigured, Retry, Where
from jst.model.tls_refusal import tls_refusal


def connection_error(error: httpx.HTTPError, settings: Settings, ticket: int) -> JstError:
    """Return the error to raise for a request that got no answer: one to be tried again, or a matter for a person."""
    where = Where(ticket=ticket)
    if refusal := tls_refusal(str(error), "聚水潭连接的 extra.verify"):
        what = f"聚水潭（{urlsplit(settings.base_url).netloc}）{refusal[0]}"
        return Misconfigured(what, do=refusal[1], where=where)
    if settings.proxy and isinstance(error, httpx.ConnectTimeout | httpx.ConnectError | httpx.ProxyError):
        what, do = "连不上代理，或代理拒绝了请求", "系统会自动再试；持续时检查连接的 extra.proxy：地址、端口、账号"
    elif isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        what, do = "连不上聚水潭", "系统会自动再试；持续时检查连接的 host、DNS、出口网络和防火墙"
    elif isinstance(error, httpx.TimeoutException):
        what, do = (
            f"聚水潭 {settings.timeout_seconds:g} 秒内没有答复",
            "系统会自动再试；经常如此时缩短窗口或加大 extra.timeout_seconds",
        )
    else:
        what, do = "与聚水潭的连接中途断开", "系统会自动再试；持续时检查出口网络"
    return Retry(f"{what}（{type(error).__name__}）", do=do, where=where)
