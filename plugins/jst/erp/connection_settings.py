"""What an Airflow connection of type ``jushuitan`` says, as one typed value. Nothing here knows Airflow."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from jst.errors import Misconfigured
from jst.model.connection_extra import meaning_of
from jst.model.module import Module, module_names
from jst.model.words import StockKind

DIALECTS = ("gateway", "openapi")
STOCK_KINDS: tuple[StockKind, ...] = ("total", "per_warehouse")
_QUOTAS: dict[str, tuple[Callable[[], Sequence[str]], str, str]] = {
    "gateway": (module_names, "模块名", '{"sale_out": 15}：模块名和每秒请求数'),
    "openapi": (lambda: ("second", "minute"), "期限", '{"second": 5, "minute": 100}：整个应用每秒、每分钟的请求数'),
}
_MOST_REQUESTS = 60_000
EXTRA = ("dialect", "timeout_seconds", "verify", "quotas", "proxy", "params", "stock")


@dataclass(frozen=True, slots=True)
class Settings:
    """A connection to one source. ``verify``: True, or the path of a CA file. ``quotas``: where the contract differs:
    requests per second by module (gateway), or requests per second and per minute of all together (openapi). ``proxy``:
    URL of the proxy through which the source is reached, '' for none. ``params``: parameters the company's contract
    needs, by module. ``stock``: whether stock is read as totals over all warehouses, or of each warehouse alone."""

    base_url: str
    app_key: str
    app_secret: str = field(repr=False)
    dialect: str = "gateway"
    timeout_seconds: float = 20.0
    verify: bool | str = True
    quotas: Mapping[str, float] = field(default_factory=dict)
    proxy: str = field(default="", repr=False)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stock: StockKind = "total"

    @property
    def credential(self) -> str:
        """Return the name of the budget: everything that calls this host with this app_key shares it."""
        return f"{urlsplit(self.base_url).netloc.lower()}/{self.app_key}"

    def tls(self) -> bool | ssl.SSLContext:
        """Return what an HTTP client verifies the source's certificate by."""
        return ssl.create_default_context(cafile=self.verify) if isinstance(self.verify, str) else self.verify

    def as_read(self, module: Module) -> Module:
        """Return the module as this installation reads it: stock as totals, or warehouse by warehouse."""
        return replace(module, per_warehouse=bool(module.warehouse_field) and self.stock == "per_warehouse")

    @classmethod
    def from_connection(
        cls,
        host: str | None,
        port: int | None,
        schema: str | None,
        login: str | None,
        password: str | None,
        extra: Mapping[str, Any],
    ) -> Settings:
        """Read a connection's fields; raises Misconfigured naming the field of the connection that is missing, unknown
        or bad."""
        unknown = sorted(set(extra) - set(EXTRA))
        if unknown:
            raise _wrong(f"extra.{unknown[0]}", "不认识", f"删去它，或改为：{'、'.join(EXTRA)}")
        # Airflow's form stores null for a field that was left empty
        extra = {name: value for name, value in extra.items() if value is not None and value != ""}
        dialect = _dialect(extra.get("dialect", "gateway"))
        return cls(
            base_url=_base_url(host, port, schema),
            app_key=_credential("login（app_key）", login),
            app_secret=_credential("password（app_secret）", password),
            dialect=dialect,
            timeout_seconds=_timeout(meaning_of(extra.get("timeout_seconds", 20.0))),
            verify=_verify(meaning_of(extra.get("verify", True))),
            quotas=_quotas(meaning_of(extra.get("quotas", {})), dialect),
            proxy=_proxy(extra.get("proxy", "")),
            params=_params(meaning_of(extra.get("params", {}))),
            stock=_stock(extra.get("stock", "total")),
        )


def _wrong(name: str, what: str, do: str) -> Misconfigured:
    return Misconfigured(f"聚水潭连接的 {name} {what}", do=do)


def _base_url(host: str | None, port: int | None, schema: str | None) -> str:
    if not host or not isinstance(host, str) or not host.strip():
        raise _wrong("host", "没有填", "填写聚水潭网关的地址，例如 https://网关域名")
    if port and not str(port).isdecimal():
        raise _wrong("port", f"是 {port!r}", "填端口号，例如 443，或不填")
    text = host.strip() if "://" in host else f"{schema or 'https'}://{host.strip()}"
    url = _split(text, "host", "网关")
    if url.scheme not in ("http", "https"):
        raise _wrong("host", "的协议不是 http 或 https", "改为 https://…")
    if not url.hostname or url.username is not None or url.query or url.fragment:
        raise _wrong(
            "host", "不是一个网关地址", "只写协议、域名、端口和路径；app_key 与 app_secret 写在 login 与 password"
        )
    netloc = f"{url.netloc}:{port}" if port and not url.port else url.netloc
    return f"{url.scheme}://{netloc}{url.path.rstrip('/')}"


def _split(text: str, name: str, whose: str) -> Any:
    try:
        url = urlsplit(text)
        _ = url.port  # raises for a port that is no number
    except ValueError:
        raise _wrong(name, f"不是一个{whose}地址", f"检查端口和括号，例如 https://{whose}域名:443") from None
    return url


def _credential(name: str, value: str | None) -> str:
    if not value:
        raise _wrong(name, "没有填", "填写聚水潭开放平台控制台里的值")
    if not isinstance(value, str):  # a JSON number would have lost its leading zeros
        raise _wrong(name, "不是文字", '加上引号，例如 "login": "0123"')
    if value != value.strip():
        raise _wrong(name, "前后有空白", "多半是复制时带入的，删去空白")
    return value


def _dialect(value: object) -> str:
    if not isinstance(value, str) or value not in DIALECTS:
        raise _wrong("extra.dialect", f"是 {value!r}，不认识", f"改为：{'、'.join(DIALECTS)}")
    return value


def _stock(value: object) -> StockKind:
    found = next((kind for kind in STOCK_KINDS if kind == value), None)
    if found is None:
        raise _wrong("extra.stock", f"是 {value!r}，不认识", "改为：total（总库存，默认）或 per_warehouse（分仓库存）")
    return found


def _timeout(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 300:
        raise _wrong("extra.timeout_seconds", f"是 {value!r}", "填 1 到 300 之间的秒数，默认 20")
    return float(value)


def _verify(value: object) -> bool | str:
    if value is True or (isinstance(value, str) and _has_certificates(value)):
        return value
    raise _wrong("extra.verify", f"是 {value!r}", "填 true 或一个存在的 CA 证书文件路径；证书校验不能关闭")


def _has_certificates(path: str) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:  # it is not there, may not be read, or holds none
        return False
    return True


def _quotas(value: object, dialect: str) -> dict[str, float]:
    names, kind, example = _QUOTAS[dialect]
    if not isinstance(value, Mapping):
        raise _wrong("extra.quotas", "不是对象", f"写成 {example}")
    rates = dict[str, float]()
    for name, spelled in value.items():
        rate = meaning_of(spelled)
        if name not in names():
            raise _wrong(f"extra.quotas.{name}", f"不是{kind}", f"改为：{'、'.join(names())}，写成 {example}")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= _MOST_REQUESTS:
            raise _wrong(f"extra.quotas.{name}", f"是 {rate!r}", f"填请求数，大于 0，最大 {_MOST_REQUESTS}")
        rates[str(name)] = float(rate)
    return rates


def _proxy(value: object) -> str:
    url = _split(value, "extra.proxy", "代理") if isinstance(value, str) and value else None
    if value and (url is None or url.scheme not in ("http", "https") or not url.hostname):
        raise _wrong(
            "extra.proxy", "不是一个代理地址", "写成 http://代理主机:端口，需要账号时写成 http://账号:密码@主机:端口"
        )
    return str(value or "")


def _params(value: object) -> dict[str, Mapping[str, Any]]:
    example = '写成 {"sale_out": {"参数名": 值}}：模块名，和合同要求的请求参数'
    if not isinstance(value, Mapping):
        raise _wrong("extra.params", "不是对象", example)
    for module, params in value.items():
        if module not in module_names():
            raise _wrong(f"extra.params.{module}", "不是模块名", f"改为：{'、'.join(module_names())}，{example}")
        if not isinstance(params, Mapping):
            raise _wrong(f"extra.params.{module}", "不是对象", example)
    return {str(module): dict(params) for module, params in value.items()}
