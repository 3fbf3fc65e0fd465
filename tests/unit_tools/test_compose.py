"""What docker-compose.yaml promises beyond what its own program checks; docs/cluster.md."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.make_env import values
from jst.access.spec import load_access
from local.layout import ROOT

TEXT = (ROOT / "docker-compose.yaml").read_text("utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
ONCE = {"init", "verify"}


def test_make_env_makes_every_variable_that_has_no_default() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)(?::\?[^}]*)?\}", TEXT))
    assert asked <= set(values(brokers=1)), "add it to cluster/make_env.py"
    assert {name for name in values(brokers=1) if f"${{{name}" not in TEXT} == {"COMPOSE_PROFILES"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_limited_and_looked_after(name: str) -> None:
    service = SERVICES[name]
    image = re.sub(r"\$\{\w+:-(.*)\}", r"\1", service["image"])
    assert re.search(r":v?\d+\.\d+", image), image
    assert re.fullmatch(r"\d+[mg]", service["deploy"]["resources"]["limits"]["memory"])
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    if name not in ONCE:
        assert set(service["healthcheck"]) == {"test", "start_period", "interval", "timeout", "retries"}
        assert "stop_grace_period" in service
        assert service["logging"]["options"]["max-size"]


def test_only_haproxy_is_reached_from_outside_and_from_this_machine_alone_until_it_is_said_otherwise() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(ports) == {"haproxy"}
    assert all(port.startswith("${JST_BIND:-127.0.0.1}:") for port in ports["haproxy"])
    assert values(brokers=1)["JST_BIND"] == "127.0.0.1"


def test_every_file_that_a_container_reads_is_there_for_the_engine_makes_an_empty_folder_of_a_missing_one() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", []) if mount.startswith("./")]
    assert [mount for mount in mounts if not (ROOT / mount.partition(":")[0]).exists()] == []


def test_the_page_names_every_open_port_and_no_other() -> None:
    for page in ("docs/cluster.md", "docs/zh/cluster.md"):
        named = set(re.findall(r"^\| \d+ ?[（(]`(JST_PORT_\w+)`", (ROOT / page).read_text("utf-8"), re.MULTILINE))
        assert named == set(re.findall(r"\$\{(JST_PORT_\w+)", TEXT))


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_reaches_around_its_network_and_no_secret_stands_in_a_process_list(name: str) -> None:
    service = SERVICES[name]
    around = {"privileged", "pid", "ipc", "devices", "cap_add", "expose", "extra_hosts"} & set(service)
    assert not around
    assert service.get("network_mode", "") in ("", "service:erp")
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))
    argv = str([service.get(part) for part in ("command", "entrypoint", "healthcheck", "labels")])
    assert not re.search(r"(?<!\$)\$\{\w*(PASSWORD|SECRET|KEY|CONN)", argv)


def test_nothing_starts_before_everything_is_there() -> None:
    first = {"postgres", "redis", "kafka1", "kafka2", "kafka3", "clickhouse1", "clickhouse2", "statsd-exporter"}
    assert set(SERVICES["init"]["depends_on"]) == first
    after = {name for name, service in SERVICES.items() if "init" in service.get("depends_on", {})}
    assert after == {"api-server", "scheduler", "triggerer", "dag-processor", "worker", "node-follower", "prometheus"}


def test_the_image_has_the_versions_that_tests_run_with() -> None:
    ours, tested = _pins(ROOT / "cluster" / "requirements.txt"), _pins(ROOT / "requirements.txt")
    assert {name for name in ours.keys() & tested.keys() if ours[name] != tested[name]} == {"python-dateutil"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[<>=\[]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert needed <= set(ours)


def _pins(path: Path) -> dict[str, str]:
    pins = (line.split("==") for line in path.read_text("utf-8").splitlines() if "==" in line)
    return {name.lower(): version for name, version in pins}


def test_every_login_of_clickhouse_has_a_password_of_its_own() -> None:
    made = values(brokers=1)
    known = {f"CLICKHOUSE_{user.name.upper()}_PASSWORD" for user in load_access().users}
    assert known | {"CLICKHOUSE_ADMIN_PASSWORD"} == {name for name in made if name.startswith("CLICKHOUSE_")}
    assert len({made[name] for name in known}) == len(known)


def test_values_that_are_there_stay_and_no_other_can_read_them(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    script = tmp_path / "cluster" / "make_env.py"
    script.write_text((ROOT / "cluster" / "make_env.py").read_text("utf-8"), "utf-8")
    file = tmp_path / ".env"
    file.write_text("REDIS_PASSWORD=mine\nJST_BIND=0.0.0.0", "utf-8")
    said = [subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout for _ in "12"]
    lines = file.read_text("utf-8").splitlines()
    assert lines[:2] == ["REDIS_PASSWORD=mine", "JST_BIND=0.0.0.0"]
    assert sorted(line.partition("=")[0] for line in lines) == sorted(values(brokers=1))
    assert "没有改动" in said[1]
    (script.parents[1] / ".env").unlink()
    subprocess.run([sys.executable, script, "--brokers", "3"], check=True, capture_output=True)
    assert file.stat().st_mode & 0o077 == 0
    assert "KAFKA_COPIES=3\nKAFKA_MIN_COPIES=2" in file.read_text("utf-8")
