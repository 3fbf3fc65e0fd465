"""Other processes on the control database, as workers on other machines would be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Workers:
    """Starts processes that run a piece of Python; all are dead when it closes."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._started: list[subprocess.Popen[str]] = []

    def start(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        """Run ``code`` with ``JST_CONTROL_DSN`` in its environment; stdin and stdout are pipes of lines."""
        return self.run(["-c", code, *arguments], self._dsn)

    def run(self, arguments: Sequence[str], dsn: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}", "JST_CONTROL_DSN": dsn},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """The next line the process prints; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], text: str = "") -> None:
    assert process.stdin is not None
    process.stdin.write(text + "\n")
    process.stdin.flush()
