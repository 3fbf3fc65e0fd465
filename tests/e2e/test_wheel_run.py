"""A live feed of the installed package, run by Airflow where nothing of this repository is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.airflow_command import Airflow
from tests.support.house import House
from tests.support.search_depth import DEPTH
from tests.support.wheel_site import run, site, wheel

__all__ = ["site", "wheel"]
pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse, pytest.mark.search]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["sale_out"][: DEPTH.of(0, 1)])
def test_a_shift_of_the_installed_package_carries_the_orders(
    airflow: Airflow, house: House, site: Path, module: str
) -> None:
    airflow.connect(house)
    house.watch().reason_to_start()
    house.sandbox.post("orders_per_hour", {"value": 50000})
    house.skip(20)
    house.freeze()
    home = Path(airflow.environment["AIRFLOW_HOME"])
    taken = ("AIRFLOW_CONN_", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    ours = {name: value for name, value in airflow.environment.items() if name.startswith(taken)}
    for task in (f"pull_{module}", f"load_{module}"):
        more = {**ours, "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO"}
        done = run(site, home, "-m", "airflow", "tasks", "test", f"jst_{module}", task, more=more)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said[-4000:]
        assert not any(str(ROOT / folder) in said for folder in ("dags", "plugins")), "this repository's files ran"
    orders = {row["io_id"] for row in house.sandbox.truth("sale_out")}
    assert len(orders) > 20
    assert {io_id for (io_id,) in house.rows("SELECT DISTINCT io_id FROM dws.dws_sale_out FINAL")} == orders
