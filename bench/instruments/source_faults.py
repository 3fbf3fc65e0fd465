"""How the sandbox ERP misbehaves while something is killed."""

from __future__ import annotations

from typing import Any

FAULTS: dict[str, dict[str, Any]] = {
    "commit_lag": {"share": 0.05, "seconds": 3},  # live promises more: settle and overlap, or the cursor's tail
    "numbers_as_strings": {"rate": 0.2},
    "unknown_field": {"rate": 0.1},
    # rarer than they could be: a page that fails three times becomes a letter, and letters are not re-driven here
    "http_500": {"rate": 0.005},
    "drop": {"rate": 0.005},
    "truncated_json": {"rate": 0.005},
    "slow": {"rate": 0.02, "seconds": 1},
}
STORM = {"storm_429": {"times": 6}}
