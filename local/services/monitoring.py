"""Prometheus and Alertmanager with the files of ``monitoring/`` and this machine's addresses; only when asked for."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from local.layout import HOST, ROOT, Layout, write_private
from local.monitoring_tools import program
from local.services.process import Service, http_ok

FOLDER = ROOT / "monitoring"
CONNECTION = "AIRFLOW_CONN_JST_METRICS"
WANTED = "MONITORING"


def is_wanted() -> bool:
    """Say whether ``make up MONITORING=1`` asked for it."""
    return os.environ.get(WANTED, "") not in ("", "0")


def addresses(layout: Layout) -> dict[str, str]:
    """Return where both are found, by the names that make env prints."""
    return {
        "JST_PROMETHEUS_URL": f"http://{HOST}:{layout.ports.prometheus}",
        "JST_ALERTMANAGER_URL": f"http://{HOST}:{layout.ports.alertmanager}",
    }


def services(layout: Layout) -> list[Service]:
    """List both; Alertmanager sends to our own channel."""
    return [
        _service(
            layout, "prometheus", "Prometheus", layout.ports.prometheus, _prometheus(layout),
            "--storage.tsdb.retention.time=15d", "--storage.tsdb.path=data",
        ),
        _service(
            layout, "alertmanager", "Alertmanager", layout.ports.alertmanager, _alertmanager(layout),
            "--storage.path=data", "--cluster.listen-address=",
        ),
    ]  # fmt: skip


def _service(layout: Layout, name: str, title: str, port: int, config: Any, *options: str) -> Service:
    home = layout.data / name
    argv = [str(program(name)), f"--config.file={home / 'config.yml'}", f"--web.listen-address={HOST}:{port}"]
    return Service(
        name=name,
        title=title,
        argv=[*argv, "--log.level=warn", *(option.replace("=data", f"={home / 'data'}") for option in options)],
        log=layout.log(name),
        ready=lambda: http_ok(f"http://{HOST}:{port}/-/ready"),
        prepare=partial(_write, layout, home, config),
    )


def _write(layout: Layout, home: Path, config: Any) -> None:
    write_private(home / "config.yml", yaml.safe_dump(config, allow_unicode=True))
    write_private(_token(layout), layout.secrets.metrics)


def _token(layout: Layout) -> Path:
    return layout.data / "jst_metrics_token"


def _prometheus(layout: Layout) -> Any:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    config["rule_files"] = [str(FOLDER / "rules" / "*.rules.yml")]
    (alertmanager,) = config["alerting"]["alertmanagers"]
    alertmanager["static_configs"] = [{"targets": [f"{HOST}:{layout.ports.alertmanager}"]}]
    # Airflow's own metrics come by StatsD, which is there in a cluster
    config["scrape_configs"] = [each for each in config["scrape_configs"] if each["job_name"] == "jst"]
    (job,) = config["scrape_configs"]
    job["authorization"]["credentials_file"] = str(_token(layout))
    job["static_configs"] = [{"targets": [f"{HOST}:{layout.ports.airflow}"]}]
    return config


def _alertmanager(layout: Layout) -> Any:
    config = yaml.safe_load((FOLDER / "alertmanager.yml").read_text("utf-8"))
    (receiver,) = config["receivers"]
    (hook,) = receiver["webhook_configs"]
    hook["url"] = f"http://{HOST}:{layout.ports.airflow}/jst/metrics/alerts"
    hook["http_config"]["authorization"]["credentials_file"] = str(_token(layout))
    return config
