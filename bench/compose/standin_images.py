"""Make every image on this machine: the product's from its Dockerfile, the servers' from Debian and our own pins."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bench.compose.engine import FOLDER, Engine
from cluster.make_env import values
from jst.access.spec import load_access
from local.bootstrap import copy_jars
from local.layout import ROOT, LocalError
from local.services.clickhouse import LIBRARY
from local.services.clickhouse_config import users_xml
from local.services.kafka import JARS

BASE, PRODUCT, SANDBOX = "localhost/drill-base:1.0", "localhost/jst-lingyang:1.0", "localhost/jst-sandbox:1.0"
STANDINS = {
    "postgres": ("postgres",),
    "redis": ("redis",),
    "haproxy": ("haproxy",),
    "kafka": ("kafka1", "kafka2", "kafka3"),
    "clickhouse": ("clickhouse1", "clickhouse2"),
    "prometheus": ("prometheus",),
    "alertmanager": ("alertmanager",),
    "statsd-exporter": ("statsd-exporter",),
}
"""The services that each stands in for; Grafana is left out, for which there is no package."""
_EXPORTER = "github.com/prometheus/statsd_exporter@v0.28.0"
_STANDIN_FILE = ROOT / "bench" / "compose" / "standins" / "Dockerfile"


def build_all(engine: Engine) -> dict[str, float]:
    """Build what is not there or has changed; returns seconds by image."""
    took = {"base": _timed(_base, engine)}
    base = ("--build-arg", f"BASE={BASE}")
    for target, tag in (("airflow", PRODUCT), ("sandbox", SANDBOX)):
        took[target] = _timed(engine.build, target, tag, ROOT, ROOT / "Dockerfile", *base, "--build-arg", "PICTURES=0")
    context = _context()
    for name in STANDINS:
        took[name] = _timed(engine.build, name, _standin(name), context, _STANDIN_FILE, *base)
    return took


def write_files(brokers: int, days: int, port: int) -> dict[str, str]:
    """Write the variables of this stack and the images that replace others; returns the variables."""
    made = values(brokers) | {
        "COMPOSE_PROJECT_NAME": "jstdrill",
        "JST_NETWORK": "jstdrill",
        "JST_IMAGE": PRODUCT,
        "JST_SANDBOX_IMAGE": SANDBOX,
        "JST_INITIAL_DAYS": str(days),
        "JST_PORT_AIRFLOW": str(port),
        "JST_PORT_CLICKHOUSE_HTTP": str(port + 1),
        "JST_PORT_GRAFANA": str(port + 2),
        "AIRFLOW_BASE_URL": f"http://127.0.0.1:{port}",
    }
    path = FOLDER / "env"
    path.touch(0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in made.items()), "utf-8")
    images: dict[str, dict[str, Any]] = {
        service: {"image": _standin(name)} for name, services in STANDINS.items() for service in services
    }
    images["grafana"] = {"deploy": {"replicas": 0}}
    users = users_xml(load_access(), lambda user: made[f"CLICKHOUSE_{user.upper()}_PASSWORD"])
    (FOLDER / "users.xml").write_text(users, "utf-8")
    for service in ("clickhouse1", "clickhouse2"):  # a container may not lift limits of a machine that is one itself
        images[service]["ulimits"] = {"nofile": {"soft": 4096, "hard": 4096}, "nproc": 4096}
        images[service]["volumes"] = [f"{FOLDER}/users.xml:/standins/users.xml:ro"]
    # the embedded engine keeps no users made by SQL
    images["init"] = {"environment": {"AIRFLOW_CONN_CLICKHOUSE_ADMIN": ""}}
    (FOLDER / "here.yaml").write_text(yaml.safe_dump({"services": images}), "utf-8")
    return made


def _standin(name: str) -> str:
    return f"localhost/standin-{name}:1.0"


def _base(engine: Engine) -> None:
    """Debian with Python, in the place of python:3.12-slim; it trusts whom this machine trusts."""
    if engine.podman("images", "--quiet", BASE).strip():
        return
    archive = FOLDER / "base.tar"
    certificates = "/etc/ssl/certs/ca-certificates.crt"
    command = ["mmdebstrap", "--variant=minbase", "--include=ca-certificates,python3,python3-venv,python3-pip"]
    if os.path.exists(certificates):
        command.append(f"--customize-hook=copy-in {certificates} /etc/ssl/certs")
    done = subprocess.run([*command, "bookworm", str(archive)], capture_output=True, text=True)
    if done.returncode:
        raise LocalError(f"mmdebstrap 失败：{done.stderr[-600:]}")
    engine.podman("import", str(archive), BASE, seconds=300.0)
    archive.unlink()


def _context() -> Path:
    """Lay out what the stand-ins are made of; large files are linked, not copied."""
    context = FOLDER / "context"
    shutil.rmtree(context, ignore_errors=True)
    if not list(JARS.glob("kafka_*.jar")):
        copy_jars(ROOT / "local" / "pins" / "pom.xml", JARS)
    shutil.copytree(JARS, context / "jars", copy_function=_link)
    _link(LIBRARY, context / "libchdb.so")
    _link(_exporter(), context / "statsd_exporter")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("bench/compose/standins", "local"):
        shutil.copytree(ROOT / folder, context / folder, ignore=ignored)
    return context


def _exporter() -> Path:
    """Return the program statsd_exporter, which Debian does not have, of its own sources."""
    program = FOLDER / "go" / "statsd_exporter"
    if not program.exists():
        if shutil.which("go") is None:
            raise LocalError("缺少 Go：请从 go.dev 安装 1.22 或更新的版本（放进 PATH）后重试")
        settings = {**os.environ, "GOBIN": str(program.parent), "CGO_ENABLED": "0"}
        done = subprocess.run(["go", "install", _EXPORTER], env=settings, capture_output=True, text=True)
        if done.returncode:
            raise LocalError(f"go install {_EXPORTER} 失败：{done.stderr[-600:]}")
    return program


def _link(source: str | Path, target: str | Path) -> str:
    try:
        os.link(Path(source).resolve(), target)
    except OSError:  # another file system
        shutil.copy(source, target)
    return str(target)


def _timed(work: Callable[..., None], *arguments: Any) -> float:
    began = time.monotonic()
    work(*arguments)
    return time.monotonic() - began
