"""What the ClickHouse migrations, read in order, say of tables and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from jst.warehouse.clickhouse_migrations import Migration

_COMMENT = re.compile(r"\s+COMMENT\s+'((?:[^'\\]|\\.|'')*)'", re.IGNORECASE)
_CREATE = re.compile(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\S+)\s*\(", re.IGNORECASE)
_ALTER = re.compile(r"ALTER\s+TABLE\s+(\S+)\s+(.*)", re.IGNORECASE | re.DOTALL)
_ADD_COLUMN = re.compile(r"ADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?(.*?)(?:\s+AFTER\s+(\S+)|(\s+FIRST))?", re.DOTALL)
_COMMENT_COLUMN = re.compile(r"COMMENT\s+COLUMN\s+(?:IF\s+EXISTS\s+)?(\S+)\s+'((?:[^'\\]|\\.|'')*)'", re.IGNORECASE)
_NO_COLUMN = re.compile(
    r"(ADD|MATERIALIZE|DROP|CLEAR)\s+INDEX\b|MATERIALIZE\s+COLUMN\b|MODIFY\s+(SETTING|TTL|COMMENT)\b"
    r"|MODIFY\s+COLUMN\s+(?:IF\s+EXISTS\s+)?\S+\s+CODEC\([^\n]*\)\Z",
    re.IGNORECASE,
)
_NOT_A_TABLE = re.compile(r"CREATE\s+(DATABASE|MATERIALIZED\s+VIEW|VIEW)\b|INSERT\s|GRANT\s", re.IGNORECASE)
_NOT_A_COLUMN = re.compile(r"(INDEX|PROJECTION|CONSTRAINT|PRIMARY\s+KEY)\b", re.IGNORECASE)
_AFTER_TYPE = re.compile(r"\s+(DEFAULT|MATERIALIZED|ALIAS|EPHEMERAL|CODEC|TTL|COMMENT)\b", re.IGNORECASE)
_NESTED = re.compile(r"Nested\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``meaning`` is its COMMENT, empty where the migration gives none."""

    name: str
    type: str
    meaning: str


@dataclass(slots=True)
class Table:
    """One table as the last migration leaves it; ``order`` is its sort key."""

    name: str
    engine: str = ""
    order: str = ""
    meaning: str = ""
    columns: list[Column] = field(default_factory=list)

    @property
    def database(self) -> str:
        return self.name.partition(".")[0]


def tables(migrations: Iterable[Migration]) -> list[Table]:
    """Read the migrations in order; raises ValueError naming a statement that this reader does not know."""
    found: dict[str, Table] = {}
    for migration in migrations:
        sql = re.sub(r"^\s*--.*\n", "", migration.sql, flags=re.MULTILINE).strip()
        if _CREATE.match(sql):
            created = _created(sql)
            found.setdefault(created.name, created)
        elif alter := _ALTER.match(sql):
            for action in _parts(alter[2]):
                _change(found[alter[1]], action, migration.name)
        elif not _NOT_A_TABLE.match(sql):
            raise ValueError(f"{migration.name}: local/docs/table_facts.py cannot read this statement, teach it")
    return list(found.values())


def _created(sql: str) -> Table:
    head = _CREATE.match(sql)
    assert head is not None
    end = _closing(sql, head.end() - 1)
    tail = sql[end + 1 :]
    comment = re.search(r"COMMENT\s+'((?:[^'\\]|\\.|'')*)'\s*$", tail)
    engine = re.search(r"ENGINE\s*=\s*(\w+(?:\([^)]*\))?)", tail)
    order = re.search(r"ORDER\s+BY\s+(?=(\S+))", tail)
    key = "" if order is None else order[1]
    if order is not None and key.startswith("("):
        key = tail[order.end() : _closing(tail, order.end()) + 1]
    table = Table(head[1], engine[1] if engine else "", key, _text(comment[1]) if comment else "")
    for part in _parts(sql[head.end() : end]):
        if not _NOT_A_COLUMN.match(part):
            table.columns += _columns(part)
    return table


def _change(table: Table, action: str, name: str) -> None:
    if said := _COMMENT_COLUMN.fullmatch(action):
        place = [column.name for column in table.columns].index(said[1])
        table.columns[place] = replace(table.columns[place], meaning=_text(said[2]))
        return
    added = _ADD_COLUMN.fullmatch(action)
    if added is None:
        if _NO_COLUMN.match(action):
            return
        raise ValueError(f"{name}: local/docs/table_facts.py cannot read “{action.split(chr(10))[0]}”, teach it")
    new = [column for column in _columns(added[1]) if column.name not in {old.name for old in table.columns}]
    names = [column.name for column in table.columns]
    place = 0 if added[3] else names.index(added[2]) + 1 if added[2] else len(names)
    table.columns[place:place] = new


def _columns(definition: str) -> list[Column]:
    """One column, or the columns of a Nested one as ``outer.inner``."""
    name, rest = definition.strip().split(maxsplit=1)
    if nested := _NESTED.match(rest):
        inside = rest[nested.end() : _closing(rest, nested.end() - 1)]
        inner = [column for part in _parts(inside) for column in _columns(part)]
        return [Column(f"{name}.{column.name}", f"Array({column.type})", column.meaning) for column in inner]
    kind = " ".join(_AFTER_TYPE.split(rest, maxsplit=1)[0].split())
    comment = _COMMENT.search(rest)
    return [Column(name.strip("`"), kind, _text(comment[1]) if comment else "")]


def _text(quoted: str) -> str:
    return quoted.replace("''", "'").replace("\\'", "'")


def _parts(text: str) -> Iterator[str]:
    """Split at the commas that stand outside brackets and quotes."""
    begun = 0
    for place, depth in _outside_quotes(text):
        if text[place] == "," and depth == 0:
            yield text[begun:place].strip()
            begun = place + 1
    if text[begun:].strip():
        yield text[begun:].strip()


def _closing(text: str, opening: int) -> int:
    """Return the place of the bracket that closes the one at ``opening``."""
    depths = _outside_quotes(text[opening:])
    return next(opening + at for at, depth in depths if text[opening + at] == ")" and depth == 0)


def _outside_quotes(text: str) -> Iterator[tuple[int, int]]:
    """Every place outside quotes with the depth of brackets there, a closing bracket counted."""
    depth, quoted = 0, False
    for place, letter in enumerate(text):
        if letter == "'" and text[place - 1 : place] != "\\":
            quoted = not quoted
        if quoted or letter == "'":
            continue
        depth += (letter == "(") - (letter == ")")
        yield place, depth
