"""Make ``monitoring/dashboards/*.json`` of ``monitoring/dashboards.yaml`` with Grafana's own SDK.

``python -m local.dashboards [FOLDER]``. The SDK (PyPI's grafana-foundation-sdk) is needed for nothing else: it is put
into a folder of its own when it is missing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from local.layout import ROOT, TOOLS, LocalError

FACTS = ROOT / "monitoring" / "dashboards.yaml"
FOLDER = ROOT / "monitoring" / "dashboards"
SDK = "grafana-foundation-sdk==1769699998!10.1.0"
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 24
_SOURCE = "datasource"


def main(folder: Path = FOLDER) -> None:
    """Write a file per dashboard, and remove those of dashboards that are gone."""
    _find_sdk()
    folder.mkdir(parents=True, exist_ok=True)
    boards: dict[str, dict[str, Any]] = yaml.safe_load(FACTS.read_text("utf-8"))
    for old in folder.glob("*.json"):
        old.unlink()
    for name, facts in boards.items():
        (folder / f"jst-{name}.json").write_text(_dashboard(name, facts), "utf-8")


def _find_sdk() -> None:
    there = TOOLS / "dashboards" / SDK
    if not there.exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(there), SDK]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            raise LocalError(f"装不上 {SDK}，请检查网络与软件源后重试。它说：\n{done.stderr.strip()[-800:]}")
    sys.path.append(str(there))


def _dashboard(name: str, facts: dict[str, Any]) -> str:
    from grafana_foundation_sdk.builders import dashboard
    from grafana_foundation_sdk.cog.encoder import JSONEncoder

    board = dashboard.Dashboard(facts["title"]).uid(f"jst-{name}").tags(["jst"]).refresh("30s").time("now-3h", "now")
    board = board.readonly().timezone("Asia/Shanghai")
    board = board.with_variable(dashboard.DatasourceVariable(_SOURCE).label("数据源").type("prometheus"))
    if label := facts.get("by"):
        board = board.with_variable(
            dashboard.QueryVariable(label).label("模块").datasource(_source()).multi(True).include_all(True)
            .query(f"label_values(jst_watermark_timestamp_seconds, {label})")
        )  # fmt: skip
    for number, panel in enumerate(facts["panels"]):
        board = board.with_panel(_panel(number, panel))
    made: str = JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode(board.build())
    return made + "\n"


def _panel(number: int, facts: dict[str, Any]) -> Any:
    from grafana_foundation_sdk.builders import prometheus, stat, timeseries
    from grafana_foundation_sdk.models.dashboard import GridPos

    panel: Any = stat.Panel() if facts.get("chart") == "stat" else timeseries.Panel()
    across = _COLUMNS // _WIDTH
    place = GridPos(h=_HEIGHT, w=_WIDTH, x=number % across * _WIDTH, y=number // across * _HEIGHT)
    panel = panel.title(facts["title"]).unit(facts.get("unit", "short")).datasource(_source()).grid_pos(place)
    for legend, expression in facts["queries"].items():
        panel = panel.with_target(prometheus.Dataquery().expr(expression).legend_format(legend))
    return panel


def _source() -> Any:
    from grafana_foundation_sdk.models.dashboard import DataSourceRef

    return DataSourceRef(type_val="prometheus", uid=f"${{{_SOURCE}}}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
