"""Bring Airflow's pools to what ``include/config/pools.yaml`` says, over its REST interface.

``JST_AIRFLOW_PASSWORD=… python -m local.services.airflow_pools URL FILE``
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from local.airflow_api import AirflowApi


def main() -> None:
    url, path = sys.argv[1], Path(sys.argv[2])
    pools = yaml.safe_load(path.read_text("utf-8"))
    with closing(AirflowApi(url, "admin", os.environ["JST_AIRFLOW_PASSWORD"], timeout=20.0)) as api:
        answer = api.request("PATCH", "pools", body=_bulk(pools))
    errors = answer.raise_for_status().json()["create"]["errors"]
    if errors:
        raise SystemExit(f"{path.name} 有资源池无法导入：{errors}")
    print("资源池：" + "、".join(f"{pool['name']} {pool['slots']}" for pool in pools))


def _bulk(pools: list[dict[str, Any]]) -> dict[str, Any]:
    entities = [{**pool, "include_deferred": False} for pool in pools]
    return {"actions": [{"action": "create", "action_on_existence": "overwrite", "entities": entities}]}


if __name__ == "__main__":
    main()
