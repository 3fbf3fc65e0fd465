"""``python -m local.compose_check``: docker-compose.yaml and the Dockerfile are what their own programs take.

Unknown keys, services that are not there, variables that cluster/make_env.py does not make, and hadolint's rules. Exit
code 0 when nothing was found.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cluster.make_env import values
from local.compose_tools import docker_compose, hadolint
from local.layout import ROOT, LocalError

PROFILES = "sandbox,brokers,verify"


def main() -> int:
    """Check, print what was found, return the exit code."""
    try:
        found = [*_compose(), *_dockerfile()]
    except LocalError as problem:
        found = [str(problem)]
    print("\n".join(found) or "docker-compose.yaml、Dockerfile：没有问题")
    return 1 if found else 0


def _compose() -> list[str]:
    with TemporaryDirectory() as folder:
        environment = Path(folder, "env")
        made = values(brokers=3) | {"COMPOSE_PROFILES": PROFILES}
        environment.write_text("".join(f"{name}={value}\n" for name, value in made.items()), "utf-8")
        # a variable of the shell that runs this must not stand in for one that is missing
        bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        command = [str(docker_compose()), "--env-file", str(environment), "config", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=bare)
    said = done.stderr.strip()
    return [f"docker compose config：{said or done.stdout.strip()}"] if done.returncode or said else []


def _dockerfile() -> list[str]:
    done = subprocess.run([str(hadolint()), "--no-color", "Dockerfile"], capture_output=True, text=True, cwd=ROOT)
    return [f"hadolint：{(done.stdout or done.stderr).strip()}"] if done.returncode else []


if __name__ == "__main__":
    sys.exit(main())
