"""Podman as the engine of Docker Compose, where there is no Docker: installed from Debian, run without systemd."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from local.compose_tools import docker_compose
from local.layout import ROOT, TOOLS, LocalError

FOLDER = TOOLS / "compose-drill"
_PACKAGES = ("podman", "buildah", "runc", "iptables", "netavark", "aardvark-dns", "mmdebstrap", "uidmap")
# netavark says only "No such file or directory" without iptables; crun refuses the cgroups of a container in a machine
_CONTAINERS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
_STORAGE = """\
[storage]
driver = "{driver}"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""
_POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'
_REGISTRIES = "unqualified-search-registries = []\n"


class Engine:
    """Commands of podman, buildah and Docker Compose on storage of their own; ``close`` ends the service."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._install()
        self.environment = {
            **os.environ,
            "CONTAINERS_CONF": str(self._write("containers.conf", _CONTAINERS)),
            "CONTAINERS_STORAGE_CONF": str(
                self._write("storage.conf", _STORAGE.format(driver=_driver(), folder=FOLDER))
            ),
            "CONTAINERS_REGISTRIES_CONF": str(self._write("registries.conf", _REGISTRIES)),
            "DOCKER_HOST": f"unix://{FOLDER}/podman.sock",
            "COMPOSE_PARALLEL_LIMIT": "4",
        }
        self._policy = self._write("policy.json", _POLICY)
        self._service: subprocess.Popen[bytes] | None = None
        self._beating = threading.Event()

    def podman(self, *arguments: str, seconds: float = 120.0, log: Path | None = None) -> str:
        """Run podman; returns what it printed, which ``log`` keeps. Raises LocalError with its last words when it
        fails."""
        return self._run(["podman", *arguments], seconds, log=log)

    def build(self, target: str, tag: str, context: Path, file: Path, *arguments: str) -> None:
        """Build one target with the machine's network; what it prints is kept beside."""
        command = ["buildah", "bud", "--isolation", "chroot", "--network", "host", "--layers"]
        command += ["--signature-policy", str(self._policy), "--target", target, "--tag", tag, "--file", str(file)]
        self._run([*command, *arguments, str(context)], 3000.0, log=FOLDER / f"build-{target}.log")

    def serve(self) -> None:
        """Start the service that Docker Compose asks, and the clock of the health checks: podman leaves these to
        systemd."""
        self._service = subprocess.Popen(
            ["podman", "system", "service", "--time=0", self.environment["DOCKER_HOST"]],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=(FOLDER / "service.log").open("wb"),
            start_new_session=True,
        )
        deadline = time.monotonic() + 30.0
        while not (FOLDER / "podman.sock").exists():
            if time.monotonic() > deadline:
                raise LocalError(f"podman 的服务没有起来：{(FOLDER / 'service.log').read_text()[-400:]}")
            time.sleep(0.2)
        threading.Thread(target=self._beat, daemon=True).start()

    def compose(self, *arguments: str, seconds: float = 600.0, ok: Sequence[int] = (0,)) -> str:
        """Run Docker Compose on the repository's file with this machine's images; returns what it printed."""
        files = ["--file", "docker-compose.yaml", "--file", str(FOLDER / "here.yaml")]
        command = [str(docker_compose()), "--env-file", str(FOLDER / "env"), *files, *arguments]
        return self._run(command, seconds, ok=ok)

    def close(self) -> None:
        """End the service and the health checks; containers and images stay for who looks."""
        self._beating.set()
        if self._service is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._service.pid, signal.SIGTERM)
            self._service.wait(20)

    def _beat(self) -> None:
        while not self._beating.wait(10.0):
            with suppress(LocalError):
                for name in self.podman("ps", "--format", "{{.Names}}").split():
                    with suppress(LocalError):
                        self.podman("healthcheck", "run", name, seconds=30.0)

    def _run(self, command: list[str], seconds: float, *, log: Path | None = None, ok: Sequence[int] = (0,)) -> str:
        try:
            done = subprocess.run(
                command, env=self.environment, cwd=ROOT, text=True, timeout=seconds,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT if log else subprocess.PIPE,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise LocalError(f"{' '.join(command[:3])} … 在 {seconds:.0f} 秒内没有完成") from None
        if log:
            log.write_text(done.stdout, "utf-8")
        if done.returncode not in ok:
            said = (done.stderr or done.stdout or "").strip()[-1500:]
            raise LocalError(f"{' '.join(Path(word).name for word in command[:4])} … 失败（{done.returncode}）：{said}")
        return done.stdout

    def _write(self, name: str, text: str) -> Path:
        path = FOLDER / name
        path.write_text(text, "utf-8")
        return path

    def _install(self) -> None:
        if all(shutil.which(name) for name in ("podman", "buildah", "runc", "iptables", "mmdebstrap")):
            return
        if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
            raise LocalError(
                f"演练需要 podman 等程序：请安装 {' '.join(_PACKAGES)} 后重试（Debian 上以 root 运行会自动安装）"
            )
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *_PACKAGES]):
            done = subprocess.run(
                ["apt-get", "-o", "DPkg::Lock::Timeout=300", *command], capture_output=True, text=True
            )
            if done.returncode:
                raise LocalError(f"apt-get {command[0]} 失败：{done.stderr[-400:]}")


def _driver() -> str:
    """Overlay where the kernel lets us, else copies."""
    return "overlay" if "overlay" in Path("/proc/filesystems").read_text() else "vfs"
