"""Where one installation keeps its things, which ports it uses and which secrets it made for itself.

Standard library only: the bootstrap reads this before the virtual environment exists.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".local"
VENV_PYTHON = TOOLS / ".venv" / "bin" / "python"
HOST = "127.0.0.1"
SANDBOX_WORKBOOK = ROOT / "local" / "sandbox" / "shops.xlsx"
"""Its shops exist nowhere else: beside another source their ids would be strangers'."""


class LocalError(Exception):
    """One clear Chinese sentence for the person at the terminal: what is wrong and what to do."""


@dataclass(frozen=True)
class Ports:
    """TCP ports on 127.0.0.1; each moves by the environment variable ``JST_PORT_<NAME>``."""

    airflow: int = 18080
    postgres: int = 18432
    kafka: int = 18092
    kafka_controller: int = 18093
    clickhouse_http: int = 18123
    clickhouse: int = 18900
    erp: int = 18200
    prometheus: int = 18090
    alertmanager: int = 18094

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Ports:
        """Read the ports. Raises LocalError naming a variable that is no port, or two names with one port."""
        chosen: dict[str, int] = {}
        for name in (item.name for item in fields(cls)):
            text = environment.get(variable(name), "")
            if text and not (text.isdecimal() and 1024 <= int(text) <= 65535):
                raise LocalError(f"环境变量 {variable(name)}={text} 不是可用端口，请改为 1024–65535 之间的整数")
            if text:
                chosen[name] = int(text)
        ports = cls(**chosen)
        ports._refuse_twins()
        return ports

    def _refuse_twins(self) -> None:
        seen: dict[int, str] = {}
        for name, port in asdict(self).items():
            if port in seen:
                raise LocalError(f"{variable(seen[port])} 与 {variable(name)} 都是 {port}，请改其中一个")
            seen[port] = name


def variable(port_name: str) -> str:
    """Return the environment variable that moves a port."""
    return f"JST_PORT_{port_name.upper()}"


def _password() -> str:
    return secrets.token_urlsafe(18)


@dataclass(frozen=True)
class Secrets:
    """Made once per installation; ``make clean`` removes them."""

    airflow_admin: str = field(default_factory=_password)
    airflow_key: str = field(default_factory=lambda: secrets.token_hex(32))
    airflow_jwt: str = field(default_factory=lambda: secrets.token_hex(64))
    airflow_api: str = field(default_factory=lambda: secrets.token_hex(32))
    airflow_fernet: str = field(default_factory=lambda: urlsafe_b64encode(secrets.token_bytes(32)).decode())
    postgres_airflow: str = field(default_factory=_password)
    postgres_jst: str = field(default_factory=_password)
    clickhouse_key: str = field(default_factory=lambda: secrets.token_hex(32))
    erp: str = field(default_factory=lambda: secrets.token_hex(24))
    metrics: str = field(default_factory=_password)

    def __repr__(self) -> str:
        return "Secrets(…)"

    def clickhouse(self, user: str) -> str:
        """Password of one ClickHouse user: as many as ``include/config/access.yaml`` names come from one key."""
        return hmac.digest(self.clickhouse_key.encode(), user.encode(), "sha256").hex()[:32]

    def airflow(self, account: str) -> str:
        """Password of one account of Airflow other than the administrator."""
        return hmac.digest(self.airflow_key.encode(), account.encode(), "sha256").hex()[:16]

    @classmethod
    def kept_in(cls, path: Path) -> Secrets:
        """Read the installation's secrets, making the missing ones; the file is readable by its owner only."""
        kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        known = {item.name: kept[item.name] for item in fields(cls) if item.name in kept}
        made = cls(**known)
        if asdict(made) != kept:
            write_private(path, json.dumps(asdict(made), indent=1))
        return made


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner may read, complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(path)


@dataclass(frozen=True)
class Layout:
    """One running installation: ``home`` holds its data, logs and state; the tools are shared by all of them."""

    home: Path
    ports: Ports
    secrets: Secrets

    @classmethod
    def default(cls, environment: Mapping[str, str]) -> Layout:
        """Return the installation of this clone, with the ports the environment asks for."""
        return cls(TOOLS, Ports.from_environment(environment), Secrets.kept_in(TOOLS / "secrets.json"))

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        return self.home / "run"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def python_environment() -> dict[str, str]:
    """For every Python process of the stack: imports from the repository, byte code under ``.local`` and nowhere else.

    Without it every process would compile the standard library and our own modules again."""
    return {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)]),
        "PYTHONPYCACHEPREFIX": str(TOOLS / "pycache"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "1",
    }
