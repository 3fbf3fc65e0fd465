"""Bring Airflow's pools to what ``include/config/pools.yaml`` says, over its REST interface.

``JST_AIRFLOW_PASSWORD=… python -m local.airflow_pools URL FILE``
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import httpx
import yaml


def main() -> None:
    url, path = sys.argv[1], Path(sys.argv[2])
    pools = yaml.safe_load(path.read_text("utf-8"))
    with httpx.Client(base_url=url, timeout=20.0, trust_env=False) as api:
        login = {"username": "admin", "password": os.environ["JST_AIRFLOW_PASSWORD"]}
        token = api.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        answer = api.patch("/api/v2/pools", json=_bulk(pools), headers={"Authorization": f"Bearer {token}"})
    errors = answer.raise_for_status().json()["create"]["errors"]
    if errors:
        raise SystemExit(f"{path.name} 有资源池无法导入：{errors}")
    print("资源池：" + "、".join(f"{pool['name']} {pool['slots']}" for pool in pools))


def _bulk(pools: list[dict[str, Any]]) -> dict[str, Any]:
    entities = [{**pool, "include_deferred": False} for pool in pools]
    return {"actions": [{"action": "create", "action_on_existence": "overwrite", "entities": entities}]}


if __name__ == "__main__":
    main()
