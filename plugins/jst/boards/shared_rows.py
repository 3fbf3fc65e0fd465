"""Which boards show rows that every registered viewer sees: their answers are shared by all of the same roles."""

from __future__ import annotations

from pathlib import Path

from jst.access.spec import SPEC, load_access
from jst.boards.board_spec import Board
from jst.boards.panel_question import bounded
from jst.errors import Misconfigured
from jst.metrics.catalogue import Catalogue

_OPERATION = ("ops.", "system.")


class SharedRows:
    """Knows it by access.yaml (rows: known), which is read again when the file changes, and of tables of operation."""

    def __init__(self, catalogue: Catalogue, spec: Path = SPEC) -> None:
        self._catalogue, self._spec = catalogue, spec
        self._read_at, self._known = 0, frozenset[str]()
        self._boards: dict[str, bool] = {}

    def on(self, board: Board) -> bool:
        """Say whether nothing on a board belongs to a shop."""
        if (changed := self._spec.stat().st_mtime_ns) != self._read_at:
            self._read_at, self._known, self._boards = changed, self._known_tables(), {}
        if board.id not in self._boards:
            self._boards[board.id] = all(
                table.startswith(_OPERATION) or table in self._known for table in self._tables(board)
            )
        return self._boards[board.id]

    def _known_tables(self) -> frozenset[str]:
        try:
            return frozenset(table.name for table in load_access(self._spec).tables if table.rows == "known")
        except Misconfigured:  # said by lingyang_access; meanwhile only those who may see the same share
            return frozenset()

    def _tables(self, board: Board) -> set[str]:
        steps = [panel.step for panel in board.panels.values()]
        codes = {value.metric.code for step in steps for value in (*step.values, *bounded(step.keep))}
        orders = {"orders" for step in steps if step.orders}
        return orders.union(*(self._catalogue.tables(code) for code in codes))
