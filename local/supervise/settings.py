"""Which settings of its environment a stack was started with, as fingerprints: a secret is not written down again."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict

from local.layout import Layout, Ports, variable

_PREFIXES = ("AIRFLOW_CONN_", "AIRFLOW_VAR_", "AIRFLOW__")
_NAMES = ("JST_SANDBOX", "MONITORING")


def fingerprints(layout: Layout, environment: Mapping[str, str]) -> dict[str, str]:
    """Return name → fingerprint of every variable that the stack's processes read; worth nothing to who reads it:
    the key is the installation's own."""
    key = layout.secrets.airflow_api.encode()
    return {
        name: hmac.digest(key, value.encode(), "sha256").hex()[:16]
        for name, value in sorted(environment.items())
        if name.startswith(_PREFIXES) or name in _NAMES
    }


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return a few words for every variable whose fingerprint differs."""
    return [
        f"{name}（{'新设的' if name not in before else '去掉了' if name not in now else '改过了'}）"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


def moved_ports(running: Ports, wanted: Ports) -> list[str]:
    """Return a few words for every port that the environment now wants elsewhere."""
    ports = asdict(running)
    return [
        f"{variable(name)}（{ports[name]} → {port}）" for name, port in asdict(wanted).items() if port != ports[name]
    ]
