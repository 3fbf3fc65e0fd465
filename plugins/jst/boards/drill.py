"""Which step lies behind a row: an address names the cuts of every row one came through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jst.boards.board_spec import Panel, Step
from jst.errors import Misconfigured


def step_behind(panel: Panel, given: Mapping[str, Sequence[str]]) -> tuple[Step, dict[str, Sequence[str]]]:
    """Return the step behind the row that ``given`` names, and its keys (cut → value). Raises Misconfigured when there
    is none."""
    step, keys = panel.step, dict[str, Sequence[str]]()
    while step.then is not None and all(given.get(cut) for cut in step.by):
        keys |= {cut: given[cut][-1:] for cut in step.by}
        step = step.then
    if step is panel.step:
        raise Misconfigured("这一行后面没有明细", do="从看板上点开，或在地址里写上这一行的编号")
    return step, keys
