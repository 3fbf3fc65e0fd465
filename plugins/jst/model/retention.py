"""How long what grows is kept: ``include/config/retention.yaml``."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jst.errors import Misconfigured
from jst.model.module import INCLUDE

FILE = INCLUDE / "config" / "retention.yaml"


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days; the names of tables of the control database are those of ``jst.control.old_rows``."""

    plan: int
    incident: int
    letter: int
    message: int
    message_picture: int
    budget_minute: int
    api_minute: int
    backup: int
    airflow_runs: int
    airflow_logs: int


def load_retention(file: Path = FILE) -> Retention:
    """Read the file. Raises Misconfigured naming what is wrong in it."""
    try:
        found = msgspec.yaml.decode(file.read_bytes(), type=Retention)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{file.name} 不对：{error}", do=f"对照安装包里的 {file.name} 修改") from error
    if short := [name for name, days in msgspec.structs.asdict(found).items() if days < 1]:
        raise Misconfigured(f"{file.name} 的 {short[0]} 小于 1 天", do="写成 1 或更大的整数")
    return found
