"""Prometheus' programs: the machine's own, else Debian's packages, unpacked beside our tools: installed they would
start services of their own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from local.layout import TOOLS, LocalError

FOLDER = TOOLS / "monitoring"
PACKAGES = ("prometheus", "prometheus-alertmanager")
_DEBIAN = {"alertmanager": "prometheus-alertmanager"}
"""What Debian calls otherwise than Prometheus does."""
_TEMPLATES = Path("/usr/share/prometheus/alertmanager")
"""Where Debian's Alertmanager looks for its templates, and nowhere else; it does not start without them."""


def program(name: str) -> Path:
    """Return the path of prometheus, promtool, alertmanager or amtool, installing it when it is missing; raises
    LocalError where only a person can."""
    if (found := _find(name)) is None:
        _install()
        found = _find(name)
    if found is None:
        raise LocalError(f"装好了 {'、'.join(PACKAGES)}，里面却没有 {name}：请自己安装 Prometheus 后重试")
    return found


def _find(name: str) -> Path | None:
    for each in (name, _DEBIAN.get(name, name)):
        if found := shutil.which(each) or shutil.which(each, path=str(FOLDER / "usr" / "bin")):
            return Path(found)
    return None


def _install() -> None:
    if shutil.which("apt-get") is None:
        raise LocalError("缺少 Prometheus 与 Alertmanager：请从 prometheus.io 安装它们（放进 PATH）后重试")
    downloads = FOLDER / "packages"
    downloads.mkdir(parents=True, exist_ok=True)
    try:
        _call(["apt-get", "download", *PACKAGES], downloads)
    except LocalError:
        _call(["apt-get", "update", "-q"], downloads)  # a machine that never looked knows no package
        _call(["apt-get", "download", *PACKAGES], downloads)
    for package in downloads.glob("*.deb"):
        _call(["dpkg", "-x", str(package), str(FOLDER)], downloads)
        package.unlink()
    try:
        _TEMPLATES.mkdir(parents=True, exist_ok=True)
        for template in (FOLDER / _TEMPLATES.relative_to("/")).glob("*.tmpl"):
            shutil.copy(template, _TEMPLATES)
    except PermissionError:
        raise LocalError(
            "安装 Alertmanager 需要管理员：请先 sudo apt install prometheus-alertmanager，再重试"
        ) from None


def _call(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise LocalError(f"{command[0]} 执行失败，请检查网络与软件源后重试。它说：\n{done.stderr.strip()[-800:]}")
