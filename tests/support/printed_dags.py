"""The DAGs that docs/sensors.md prints, which users copy."""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "sensors.md"


def printed_dags() -> list[str]:
    """Return their code, in the order of the page."""
    return re.findall(r"```python\n(.*?)```", _PAGE.read_text("utf-8"), re.DOTALL)
