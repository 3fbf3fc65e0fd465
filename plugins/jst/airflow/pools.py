"""Airflow's pools as ``include/config/pools.yaml`` says: a task of a pool that is not there waits without a word."""

from __future__ import annotations

from functools import cache

import msgspec
from airflow.models.pool import Pool

from jst.errors import Misconfigured
from jst.model.module import INCLUDE

FILE = INCLUDE / "config" / "pools.yaml"


class PoolFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pool of the file."""

    name: str
    slots: int
    description: str


@cache
def wanted_pools() -> tuple[PoolFacts, ...]:
    """Read the file. Raises Misconfigured when it cannot be read as pools."""
    try:
        return msgspec.yaml.decode(FILE.read_bytes(), type=tuple[PoolFacts, ...])
    except msgspec.ValidationError as wrong:
        raise Misconfigured(
            f"资源池文件 {FILE.name} 不对：{wrong}", do=f"每个资源池写 name、slots、description，对照原来的 {FILE.name}"
        ) from wrong


def missing_pools() -> list[str]:
    """List the pools of the file that Airflow's metadata database does not have, in the file's order."""
    there = {each.pool for each in Pool.get_pools()}
    return [each.name for each in wanted_pools() if each.name not in there]


def make_pools() -> list[str]:
    """Bring the pools to what the file says; returns a line in Chinese for each that was made or changed."""
    before = {each.pool: each.slots for each in Pool.get_pools()}
    for each in wanted_pools():
        Pool.create_or_update_pool(each.name, each.slots, each.description, include_deferred=False)
    return [
        f"{each.name} {each.slots}" if each.name not in before else f"{each.name} {before[each.name]} → {each.slots}"
        for each in wanted_pools()
        if before.get(each.name) != each.slots
    ]
