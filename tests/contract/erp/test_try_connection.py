"""Trying a connection against a sandbox over a real line, as a person does it: the command, in both dialects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jst.erp.try_connection import VARIABLE
from jst.model.module import module_names
from tests.support.still_sandbox import SECRET, StillSandbox

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["gateway", "openapi"])
def source(request: pytest.FixtureRequest, running: Callable[[str], StillSandbox]) -> StillSandbox:
    sandbox = running(request.param)
    sandbox.faults()
    return sandbox


def tried(sandbox: StillSandbox, password: str, stock: str = "total") -> subprocess.CompletedProcess[str]:
    connection = {"conn_type": "jushuitan", "host": sandbox.url, "login": "sandbox_app", "password": password}
    return subprocess.run(
        [sys.executable, "-m", "jst.erp.try_connection"],
        cwd=ROOT / "plugins",
        env={**os.environ, VARIABLE: json.dumps({**connection, "extra": {"dialect": sandbox.dialect, "stock": stock}})},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("stock", ["total", "per_warehouse"])
def test_every_module_is_answered(source: StillSandbox, stock: str) -> None:
    done = tried(source, SECRET, stock)
    first, clocks, *modules = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert first == f"方言 {source.dialect}，地址 {source.url}"
    assert clocks.startswith("本机时钟与源端一致")
    assert [line.split("：")[0].split()[-1] for line in modules] == module_names()
    assert all(line.startswith("✓ ") for line in modules)


def test_a_wrong_secret_is_said_with_what_to_do_and_not_shown(source: StillSandbox) -> None:
    wrong = "another-secret-0123456789abcdefgh"
    done = tried(source, wrong)
    assert done.returncode == 1
    assert "app_secret" in done.stdout
    assert "处理：" in done.stdout
    assert wrong not in done.stdout + done.stderr
