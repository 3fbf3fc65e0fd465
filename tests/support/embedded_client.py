"""A ClickHouse engine in this process, used like a clickhouse_driver.Client.

Old engines cannot listen. What goes in and out is in the driver's own format, so that a value is the same Python object
as from a server.
"""

from __future__ import annotations

import io
import re
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from clickhouse_driver import Client
from clickhouse_driver.block import ColumnOrientedBlock, RowOrientedBlock
from clickhouse_driver.bufferedreader import BufferedSocketReader
from clickhouse_driver.bufferedwriter import BufferedSocketWriter
from clickhouse_driver.connection import ServerInfo
from clickhouse_driver.errors import ServerException
from clickhouse_driver.streams.native import BlockInputStream, BlockOutputStream

_WITH_DATA = re.compile(r"INSERT\s+INTO\s+(\S+)\s*\(([^()]*)\)\s*VALUES\s*\Z", re.IGNORECASE)
_BUFFER = 1 << 20


class _Memory(io.BytesIO):
    """Bytes where the driver expects a socket."""

    def recv_into(self, buffer: bytearray) -> int:
        return self.readinto(buffer)

    def sendall(self, data: bytes) -> None:
        self.write(data)


class EmbeddedClient:
    """``package``: the folder PyPI's chdb was installed into; ``folder``: where the engine keeps its data. A process
    can have one of them."""

    def __init__(self, package: Path, folder: Path) -> None:
        sys.path.append(str(package))
        sys.modules.setdefault("pyarrow", _no_pyarrow())
        from chdb.session import Session  # type: ignore[import-not-found]

        self._folder = folder
        self._driver = Client("")  # never connected: it knows how values are written into a statement
        self._context = self._driver.connection.context
        self._context.server_info = ServerInfo("", 0, 0, 0, 0, "Asia/Shanghai", "", 0)
        self._session = Session(str(folder / "data"))
        self._known = {name for (name,) in self._rows("SELECT name FROM system.settings")}
        self.last_query = SimpleNamespace(progress=SimpleNamespace(written_rows=0))

    def use(self, settings: Mapping[str, int | str]) -> None:
        """Set what holds from now on; a setting this engine does not know is left out, as a server does."""
        for name, value in settings.items():
            if name in self._known:
                self._raw(f"SET {name} = '{value}'")

    def execute(
        self,
        sql: str,
        params: Any = None,
        *,
        settings: Mapping[str, int | str] | None = None,
        external_tables: Sequence[Mapping[str, Any]] = (),
        columnar: bool = False,
        with_column_types: bool = False,
        query_id: str | None = None,
    ) -> Any:
        """Execute as the driver does; settings hold on after it."""
        for table in external_tables:
            structure = ", ".join(" ".join(column) for column in table["structure"])
            self._raw(f"DROP TABLE IF EXISTS {table['name']}")
            self._raw(f"CREATE TABLE {table['name']} ({structure}) ENGINE = Memory")
            self._store(table["name"], table["structure"], list(table["data"]), columnar=False)
        self.use(settings or {})
        with_data = _WITH_DATA.search(sql)
        if with_data:
            return self._store(with_data[1], self._columns(*with_data.groups()), params, columnar=columnar)
        text = sql if params is None else self._driver.substitute_params(sql, params, self._context)
        blocks = list(self._blocks(text))
        rows = [row for block in blocks for row in block.get_rows()]
        return (rows, blocks[0].columns_with_types if blocks else []) if with_column_types else rows

    def disconnect(self) -> None:
        """Disconnect, as clients do."""

    def _columns(self, table: str, names: str) -> list[tuple[str, str]]:
        known = {name: kind for name, kind, *_ in self._rows(f"DESCRIBE TABLE {table}")}
        return [(name.strip(), known[name.strip()]) for name in names.split(",")]

    def _store(self, table: str, columns: Sequence[tuple[str, str]], data: Any, *, columnar: bool) -> int:
        block = (ColumnOrientedBlock if columnar else RowOrientedBlock)(columns, data)
        if not block.num_rows:
            return 0
        out = _Memory()
        BlockOutputStream(BufferedSocketWriter(out, _BUFFER), self._context).write(block)
        path = self._folder / "rows.native"
        path.write_bytes(out.getvalue())
        names = ", ".join(name for name, _ in columns)
        self._raw(f"INSERT INTO {table} ({names}) SELECT * FROM file('{path}', 'Native')")
        return int(block.num_rows)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [row for block in self._blocks(sql) for row in block.get_rows()]

    def _blocks(self, sql: str) -> Iterator[Any]:
        memory = _Memory(self._raw(sql))
        size = len(memory.getbuffer())
        stream = BlockInputStream(BufferedSocketReader(memory, max(size, 1)), self._context)
        while size and memory.tell() <= size:
            try:
                yield stream.read()
            except EOFError:
                return

    def _raw(self, sql: str) -> bytes:
        try:
            return bytes(self._session.query(sql, "Native").bytes())
        except RuntimeError as error:
            raise ServerException(str(error)) from error


def _no_pyarrow() -> types.ModuleType:
    """Stand in for what the package imports and we do not use."""
    module = types.ModuleType("pyarrow")
    module.RecordBatchReader = module.Table = object  # type: ignore[attr-defined]
    return module
