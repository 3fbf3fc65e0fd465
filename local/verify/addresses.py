"""Where the parties of a comparison are: ``JST_…`` variables, else those of this clone's stack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from local import report
from local.stack import current_layout
from local.supervise.start_order import has_sandbox
from local.supervise.state import State, is_alive
from local.verify.problem import CannotCompare

_NAMES = ("JST_ERP_URL", "JST_CLICKHOUSE_HTTP", "JST_CLICKHOUSE_USER", "JST_CLICKHOUSE_PASSWORD", "JST_CONTROL_DSN")


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs without trailing slash; ``control``: libpq DSN of jst_ops."""

    erp: str
    clickhouse: str
    clickhouse_user: str
    clickhouse_password: str
    control: str

    @classmethod
    def known(cls, environment: Mapping[str, str] = os.environ) -> Addresses:
        """Read the addresses. Raises CannotCompare when there is no sandbox whose truth could be asked for."""
        given = {name: environment[name] for name in _NAMES if environment.get(name)}
        if len(given) < len(_NAMES):
            given = {**_of_the_stack(), **given}
        return cls(*(given[name] for name in _NAMES))


def _of_the_stack() -> dict[str, str]:
    layout = current_layout()
    state = State.read(layout) if is_alive(layout) else None
    if not (state.sandbox if state else has_sandbox()):
        raise CannotCompare("源端不是沙箱，没有真值可比：make verify 只用于本机的沙箱 ERP")
    return report.environment(layout, sandbox=True)
