"""Airflow loads the plugin's file in every component and in each task: it must cost nothing there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOOK = """
import sys
import airflow.plugins_manager
before = set(sys.modules)
import jst_plugin
print(*sorted(set(sys.modules) - before))
print(jst_plugin.JstPlugin.external_views[0]["name"])
"""
_HEAVY = ("fastapi", "psycopg2", "jinja2", "clickhouse_driver", "confluent_kafka", "jst.ledger", "jst.control")


def test_loading_it_imports_neither_the_page_nor_what_it_stands_on() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _LOOK], cwd=ROOT / "plugins", capture_output=True, text=True, timeout=60, check=True
    )
    loaded, name = said.stdout.splitlines()[-2:]
    assert [module for module in loaded.split() if module.startswith(_HEAVY)] == []
    assert "jst_plugin" in loaded.split()
    assert len(name) <= 5  # Airflow cuts longer ones off
