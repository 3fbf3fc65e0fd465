"""Faults on demand. PUT /sandbox/faults replaces the set: {"<fault>": {options}}, {} clears it.

Every fault takes "paths" (list of endpoint paths; default all), "rate" (0..1; default 1) and "times" (it fires n times,
then is off), commit_lag only its own options. Faults are forgotten when the sandbox restarts.

  storm_429         429/42901 with Retry-After: 1, as if the quota were used up
  http_500          HTTP 500, plain text
  http_502_html     HTTP 502, an HTML page of a proxy
  timeout           hangs "seconds" (120), then closes the connection without an answer
  drop              closes the connection without an answer
  slow              answers "seconds" (5) later
  truncated_json    the answer breaks off in the middle
  datas_null        code 0, "datas": null
  missing_datas     code 0, no "datas" at all
  has_next_missing  no "has_next"
  total_missing     no "total"
  numbers_as_strings  every number in rows and "total" is a string
  unknown_field     rows carry a field nobody has heard of
  garbled_record    a row becomes broken text with a mobile number ("form": "text"), or gets qty "abc" ("form": "qty")
  missing_key       a row without its key fields
  mixed_line_keys   a row with several lines, one of them without ioi_id
  token_expired     401/40102 whatever the token says
  clock_skew        the server's clock (Date header and token checks) is off by "seconds" (3600)
  ip_refused        403/40301 for every caller that is not in "allow" ([])
  commit_lag        a "share" (0.01) of changes becomes visible only "seconds" (60) after its modified

garbled_record and missing_key spoil one row of a page, or the rows named in "keys".
An answer without rows spends none of the "times" of the faults that need a row.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

_FILTERS: dict[str, Any] = {"paths": [], "rate": 1.0, "times": None}
_OWN: dict[str, dict[str, Any]] = {
    "storm_429": {},
    "http_500": {},
    "http_502_html": {},
    "timeout": {"seconds": 120.0},
    "drop": {},
    "slow": {"seconds": 5.0},
    "truncated_json": {},
    "datas_null": {},
    "missing_datas": {},
    "has_next_missing": {},
    "total_missing": {},
    "numbers_as_strings": {},
    "unknown_field": {},
    "garbled_record": {"form": "text", "keys": []},
    "missing_key": {"keys": []},
    "mixed_line_keys": {},
    "token_expired": {},
    "clock_skew": {"seconds": 3600.0},
    "ip_refused": {"allow": []},
    "commit_lag": {"share": 0.01, "seconds": 60.0},
}
NAMES = tuple(_OWN)


class BadFault(ValueError):
    """The wanted set of faults cannot be understood; the message says why, in Chinese."""


@dataclass(slots=True)
class _Fault:
    given: dict[str, Any]
    options: dict[str, Any]
    left: int | None


class Faults:
    """The faults in force. ``rng`` decides where a rate is below 1."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._active: dict[str, _Fault] = {}

    def replace(self, wanted: object) -> None:
        """Take a new set, all or nothing. Raises BadFault."""
        if not isinstance(wanted, dict):
            raise BadFault('故障集合必须是 JSON 对象，例如 {"drop": {"times": 1}}')
        self._active = {name: _read(name, given) for name, given in wanted.items()}

    def as_given(self) -> dict[str, Any]:
        """The set as it was put, with what is left of "times"."""
        return {
            name: fault.given if fault.left is None else {**fault.given, "times": fault.left}
            for name, fault in self._active.items()
        }

    def hit(self, name: str, path: str, keys: Collection[str] = ()) -> dict[str, Any] | None:
        """The fault's options if it strikes now (which spends one of its times), else None.

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
        fault = self._active.get("commit_lag")
        if fault is None or self._rng.random() >= fault.options["share"]:
            return None
        return float(fault.options["seconds"])


def _read(name: str, given: object) -> _Fault:
    if name not in _OWN:
        raise BadFault(f"没有名为 {name} 的故障；可用：{'、'.join(NAMES)}")
    if not isinstance(given, dict):
        raise BadFault(f"故障 {name} 的选项必须是 JSON 对象")
    known = _OWN[name] if name == "commit_lag" else {**_FILTERS, **_OWN[name]}
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
        right = value in ("text", "qty")
    else:
        right = isinstance(value, int | float) and not isinstance(value, bool) and _in_range(option, value)
    if not right:
        raise BadFault(f"故障 {name} 的选项 {option} 的值不对：{value}")


def _in_range(option: str, value: float) -> bool:
    if option in ("rate", "share"):
        return 0 <= value <= 1
    return option == "seconds" or (value >= 0 and value == int(value))
