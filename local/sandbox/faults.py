"""Faults on demand. PUT /sandbox/faults replaces the set: {"<fault>": {options}}, {} clears it.

Every fault takes "paths" (list of endpoint paths; default all), "rate" (0..1; default 1) and "times" (it fires n times,
then is off), commit_lag and silent_stock only their own options. Faults are forgotten when the sandbox restarts.

  storm_429         as if the quota were used up: 429/42901 with Retry-After: 1; openapi: "code" 199 or 200
  http_500          HTTP 500, plain text
  http_502_html     HTTP 502, an HTML page of a proxy
  timeout           hangs "seconds" (120), then closes the connection without an answer
  drop              closes the connection without an answer
  slow              answers "seconds" (5) later
  truncated_json    the answer breaks off in the middle
  datas_null        code 0, the list of rows is null
  missing_datas     code 0, no list of rows at all
  has_next_missing  no "has_next"
  has_next_odd      "has_next" as text ("form": "text"), or as 1 and 0 ("form": "number")
  total_missing     no "total"; openapi: no "data_count" and "page_count"
  numbers_as_strings  every number in rows and totals is a string
  code_as_string    code "0"
  unknown_field     rows carry a field that no spec knows
  garbled_record    a row becomes broken text with a mobile number ("form": "text"), or gets qty "abc" ("form": "qty")
  missing_key       a row without its key fields
  mixed_line_keys   a row with several lines, one of them without its line key
  token_expired     401/40102 whatever the token says; openapi: 100
  clock_skew        the server's clock (Date header and token or timestamp checks) is off by "seconds" (3600)
  ip_refused        403/40301 for every caller that is not in "allow" ([]); openapi: 110
  permission_refused  403/40302; openapi: 190
  keys_refused      a question by key: "form" "refused" (400/130, openapi 130), "ignored" (as if it named no key, so
                    without a condition), or "empty" (answered with no rows)
  internal_error    openapi only: 150
  inner_code        openapi only: code 0, but "data" is a shell of the old gateway with code 150
  error_data        openapi only: error answers carry "data": [] ("form": "list"), or none ("form": "absent")
  ts_by_warehouse   openapi only: the changes of each warehouse's stock are numbered by themselves, far from the others'
  commit_lag        a "share" (0.01) of changes becomes visible only "seconds" (60) after its modified, and up to
                    "spread" (0) seconds more
  silent_stock      with a "share" (0.01) of stock changes, a SKU's defective_qty changes without moving modified

garbled_record and missing_key spoil one row of a page, or the rows named in "keys".
An answer without rows spends none of the "times" of the faults that need a row.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from local.sandbox.kinds.ids import Dialect

_FILTERS: dict[str, Any] = {"paths": [], "rate": 1.0, "times": None}
_OWN: dict[str, dict[str, Any]] = {
    "storm_429": {"code": 199},
    "http_500": {},
    "http_502_html": {},
    "timeout": {"seconds": 120.0},
    "drop": {},
    "slow": {"seconds": 5.0},
    "truncated_json": {},
    "datas_null": {},
    "missing_datas": {},
    "has_next_missing": {},
    "has_next_odd": {"form": "text"},
    "total_missing": {},
    "numbers_as_strings": {},
    "code_as_string": {},
    "unknown_field": {},
    "garbled_record": {"form": "text", "keys": []},
    "missing_key": {"keys": []},
    "mixed_line_keys": {},
    "token_expired": {},
    "clock_skew": {"seconds": 3600.0},
    "ip_refused": {"allow": []},
    "permission_refused": {},
    "keys_refused": {"form": "refused"},
    "internal_error": {},
    "inner_code": {},
    "error_data": {"form": "list"},
    "ts_by_warehouse": {},
    "commit_lag": {"share": 0.01, "seconds": 60.0, "spread": 0.0},
    "silent_stock": {"share": 0.01},
}
NAMES = tuple(_OWN)
_OPENAPI_ONLY = frozenset({"internal_error", "inner_code", "error_data", "ts_by_warehouse"})
_OF_THE_SHOP = frozenset({"commit_lag", "silent_stock"})
_FORMS = {
    "garbled_record": ("text", "qty"),
    "has_next_odd": ("text", "number"),
    "keys_refused": ("refused", "ignored", "empty"),
    "error_data": ("list", "absent"),
}


class BadFault(ValueError):
    """The wanted set of faults cannot be understood; the message says why, in Chinese."""


@dataclass(slots=True)
class _Fault:
    given: dict[str, Any]
    options: dict[str, Any]
    left: int | None


class Faults:
    """The faults in force. ``rng`` decides where a rate is below 1."""

    def __init__(self, rng: random.Random, dialect: Dialect = "gateway") -> None:
        self._rng, self._dialect = rng, dialect
        self._active: dict[str, _Fault] = {}

    def replace(self, wanted: object) -> None:
        """Take a new set, all or nothing. Raises BadFault."""
        if not isinstance(wanted, dict):
            raise BadFault('故障集合必须是 JSON 对象，例如 {"drop": {"times": 1}}')
        self._active = {name: _read(name, given, self._dialect) for name, given in wanted.items()}

    def as_given(self) -> dict[str, Any]:
        """Return the set as it was put, with what is left of "times"."""
        return {
            name: fault.given if fault.left is None else {**fault.given, "times": fault.left}
            for name, fault in self._active.items()
        }

    def hit(self, name: str, path: str, keys: Collection[str] = ()) -> dict[str, Any] | None:
        """Return the fault's options if it strikes now (which spends one of its times), else None.

        ``keys``: the rows it could strike, for a fault that names its rows.
        """
        fault = self._active.get(name)
        if fault is None or fault.left == 0:
            return None
        if fault.options["paths"] and path not in fault.options["paths"]:
            return None
        if fault.options.get("keys") and not set(fault.options["keys"]) & set(keys):
            return None
        if self._rng.random() >= fault.options["rate"]:
            return None
        if fault.left is not None:
            fault.left -= 1
        return fault.options

    def lag(self) -> float | None:
        """Seconds after which the change now being written becomes visible; None: at once."""
        fault = self._chance("commit_lag")
        return None if fault is None else float(fault.options["seconds"] + self._rng.random() * fault.options["spread"])

    def silent(self) -> bool:
        """Whether the stock change now being written comes with one that does not move ``modified``."""
        return self._chance("silent_stock") is not None

    def _chance(self, name: str) -> _Fault | None:
        fault = self._active.get(name)
        return fault if fault is not None and self._rng.random() < fault.options["share"] else None


def _read(name: str, given: object, dialect: Dialect) -> _Fault:
    if name not in _OWN or (name in _OPENAPI_ONLY and dialect != "openapi"):
        raise BadFault(f"方言 {dialect} 没有名为 {name} 的故障；可用：{'、'.join(NAMES)}")
    if not isinstance(given, dict):
        raise BadFault(f"故障 {name} 的选项必须是 JSON 对象")
    known = _OWN[name] if name in _OF_THE_SHOP else {**_FILTERS, **_OWN[name]}
    for option, value in given.items():
        _check(name, option, value, known)
    options = {**known, **given}
    return _Fault(given, options, options.get("times"))


def _check(name: str, option: str, value: object, known: dict[str, Any]) -> None:
    if option not in known:
        raise BadFault(f"故障 {name} 没有选项 {option}；可用：{'、'.join(known)}")
    if option in ("paths", "keys", "allow"):
        right = isinstance(value, list) and all(isinstance(part, str) for part in value)
    elif option == "form":
        right = value in _FORMS[name]
    elif option == "code":
        right = value in (199, 200)
    else:
        right = isinstance(value, int | float) and not isinstance(value, bool) and _in_range(option, value)
    if not right:
        raise BadFault(f"故障 {name} 的选项 {option} 的值不对：{value}")


def _in_range(option: str, value: float) -> bool:
    if option in ("rate", "share"):
        return 0 <= value <= 1
    return option in ("seconds", "spread") or (value >= 0 and value == int(value))
