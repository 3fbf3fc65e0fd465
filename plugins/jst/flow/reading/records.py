"""A row of the source becomes a record for Kafka, or a named reason why it cannot.

Only what the module's spec allows is carried, in the spec's order; numbers and times stay as the source spelled them,
because cleaning is SQL. What cannot be converted there must be refused here, or it would become a silent NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from jst.clock import SHANGHAI
from jst.errors import BadRecord, Where
from jst.flow.reading.field_types import FIELD_TYPES, Convert, moment_of
from jst.model.module import Module
from jst.model.record_id import branch_key
from jst.model.window import source_text

_encode = msgspec.json.Encoder().encode
_harmless_name = re.compile(r"(?!.*[0-9]{7})[A-Za-z_][A-Za-z0-9_]{0,63}", re.DOTALL).fullmatch

LONGEST_KEY = 1_000
_END_OF_TIMES = datetime(2106, 1, 1, tzinfo=SHANGHAI)
_END_OF_ROW_VERSIONS = 1 << 63
_Fields = tuple[tuple[str, Convert, str], ...]
"""Name, converter, and the name as ``Module.needed`` has it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One readable record. ``body``: compact UTF-8 JSON of the allow-listed fields, in the spec's order; ``digest``:
    16 bytes over the body, equal for equal content; ``ts``: the source's row version where it gives one;
    ``unknown``: names of dropped fields the spec does not know (``items.x`` for a line's); ``left_empty``: of those it
    knows and whose value cannot be kept."""

    key: str
    modified: datetime
    body: bytes
    digest: bytes
    ts: int | None
    unknown: frozenset[str]
    left_empty: frozenset[str]


def read_row(
    module: Module, row: object, read_at: datetime | None = None, *, row_versions: bool = False
) -> Record:  # fmt: skip
    """Read one row, or raise BadRecord with one of the reasons ``not_an_object``, ``missing_key``,
    ``missing_modified``, ``missing_row_version``, ``bad_type``, ``bad_lines``, ``mixed_line_keys``,
    ``repeated_line_key``. The message names the field, never its value. ``read_at`` (aware) is the modified of a listed
    module's records, which have none of their own. ``row_versions``: the source gives each row its ``ts``; elsewhere
    none is carried."""
    known = _readers.get((id(module), row_versions))
    if known is None:
        known = _readers[id(module), row_versions] = _Reader(module, row_versions=row_versions)
    return known.read(row, read_at)


def ts_of(row: object) -> int | None:
    """Return the source's row version, also of a row that cannot be read otherwise: the cursor goes on there."""
    ts = row.get("ts") if isinstance(row, dict) else None
    if isinstance(ts, str) and ts.strip().isdecimal():
        return int(ts)
    return ts if isinstance(ts, int) and not isinstance(ts, bool) else None


class _Reader:
    """The converters of one module, looked up once."""

    def __init__(self, module: Module, *, row_versions: bool) -> None:
        self.module = module  # holds on to the module: its id() stays its own
        self.row_versions = row_versions
        self.fields = _fields({name: kind for name, kind in module.fields.items() if name != "ts"}, "")
        self.line_fields = _fields(module.line_fields, f"{module.lines}.")
        self.known = frozenset(module.fields) | module.ignored | ({module.lines} if module.lines else set())
        self.known_in_line = frozenset(module.line_fields) | module.ignored

    def read(self, row: object, read_at: datetime | None) -> Record:
        if type(row) is not dict:
            raise self._bad("not_an_object", "记录不是一个 JSON 对象")
        left_empty: set[str] = set()
        out = self._convert(row, self.fields, left_empty)
        if self.module.listed and read_at:
            out["modified"] = source_text(read_at)
        key, modified = self._key(out), self._modified(out)
        unknown: set[str] = set()
        if not self.known.issuperset(row):
            unknown.update(_names(row.keys() - self.known, ""))
        if self.module.lines:
            out[self.module.lines] = self._lines(row.get(self.module.lines), unknown, left_empty)
        ts = self._row_version(row) if self.row_versions else None
        body = _encode(out if ts is None else {**out, "ts": ts})
        digest = blake2b(body, digest_size=16).digest()
        return Record(key, modified, body, digest, ts, frozenset(unknown), frozenset(left_empty))

    def _convert(self, row: dict[str, Any], fields: _Fields, left_empty: set[str], line: int = 0) -> dict[str, Any]:
        out: dict[str, Any] = {}
        get = row.get
        for name, convert, full_name in fields:
            value = get(name)
            if value is not None:
                try:
                    value = convert(value)
                except ValueError:
                    if full_name in self.module.needed:
                        raise self._unreadable(full_name, line) from None
                    left_empty.add(full_name)
                    continue
                if value is not None:
                    out[name] = value
        return out

    def _key(self, out: dict[str, Any]) -> str:
        for name in self.module.key:
            if out.get(name):
                key = str(out[name])
                if self.module.per_warehouse:  # the client has written into the row whose it is
                    key = branch_key(key, int(str(out[self.module.warehouse_field])))
                if len(key) > LONGEST_KEY or "\x00" in key:  # the control database could not keep it
                    raise self._bad("bad_type", f"主键 {name} 超过 {LONGEST_KEY} 个字符，或含有 NUL")
                return key
        raise self._bad("missing_key", f"主键 {' / '.join(self.module.key)} 缺失、为空或为 0")

    def _modified(self, out: dict[str, Any]) -> datetime:
        moment = moment_of(out.get("modified", ""))
        if moment is None:
            raise self._bad("missing_modified", "修改时间 modified 缺失、为空或早于 2000 年")
        if moment >= _END_OF_TIMES:
            raise self._bad("bad_type", "字段 modified 晚于 2105 年，数仓存不下")
        return moment

    def _row_version(self, row: dict[str, Any]) -> int:
        ts = ts_of(row)
        if ts is None or not 0 <= ts < _END_OF_ROW_VERSIONS:
            raise self._bad("missing_row_version", "行版本 ts 缺失，或不是 0 到 2^63 的整数，无法判断新旧")
        return ts

    def _lines(self, lines: object, unknown: set[str], left_empty: set[str]) -> list[dict[str, Any]]:
        name = self.module.lines
        if lines is None:
            return []
        if type(lines) is not list:
            raise self._bad("bad_lines", f"明细 {name} 不是列表")
        out = []
        for index, line in enumerate(lines):
            if type(line) is not dict:
                raise self._bad("bad_lines", f"明细 {name}[{index}] 不是对象")
            if not self.known_in_line.issuperset(line):
                unknown.update(_names(line.keys() - self.known_in_line, f"{name}."))
            out.append(self._convert(line, self.line_fields, left_empty, index))
        self._check_line_keys(out)
        return out

    def _check_line_keys(self, lines: list[dict[str, Any]]) -> None:
        field = self.module.line_key
        keys = [line[field] for line in lines if line.get(field)]
        if keys and len(keys) != len(lines):
            raise self._bad("mixed_line_keys", f"{len(lines)} 行明细中只有 {len(keys)} 行有行号 {field}")
        if len(set(keys)) != len(keys):
            raise self._bad("repeated_line_key", f"两行明细的行号 {field} 相同")

    def _unreadable(self, full_name: str, line: int) -> BadRecord:
        name = full_name.rpartition(".")[2]
        if name == full_name:
            return self._bad("bad_type", f"字段 {name} 读不成 {self.module.fields[name]}")
        return self._bad("bad_type", f"字段 {self.module.lines}[{line}].{name} 读不成 {self.module.line_fields[name]}")

    def _bad(self, reason: str, what: str) -> BadRecord:
        return BadRecord(what, reason=reason, where=Where(module=self.module.name))


_readers: dict[tuple[int, bool], _Reader] = {}


def _fields(types: Mapping[str, str], path: str) -> _Fields:
    return tuple((name, FIELD_TYPES[type_name], f"{path}{name}") for name, type_name in types.items())


def _names(names: Iterable[str], prefix: str) -> Iterable[str]:
    """Make field names safe to count and log: a garbled one may hold a phone number."""
    return (prefix + (name if _harmless_name(name) else "(不合规的字段名)") for name in names)


def least_version(modified: datetime, ts: int | None) -> int:
    """Return what the version of a row is at least, as ``include/sql/shared/version.sql`` makes it: 2^63 + ts, and
    without a ts unix(modified) · 2^32, to which its ticket is added there."""
    return int(modified.timestamp()) << 32 if ts is None else _END_OF_ROW_VERSIONS + ts


def ts_at_least(version: int) -> int:
    """Return the ts of a ``least_version`` that was made of one, 0 of any other."""
    return max(0, version - _END_OF_ROW_VERSIONS)
