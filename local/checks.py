"""The layers of ``make check``, ``make test`` and ``make test-long``; every layer runs, any failure fails the whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from local.layout import ROOT


@dataclass(frozen=True)
class Layer:
    """One command of ``python -m``."""

    title: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """``text``: what the command printed, empty when it was shown at once."""

    title: str
    passed: bool
    seconds: float
    text: str = ""


def _pytest(title: str, *options: str) -> Layer:
    return Layer(title, ("pytest", "-q", "--durations=15", *options))


SIDE_BY_SIDE = ("-n=4", "--dist=loadscope", "--no-loadscope-reorder")
"""These tests wait for servers, outages and processes; tests/support/shares.py says what a worker gets, and when."""
# The longest first: with two cores it decides when the last one ends.
FAST = (
    Layer("mypy", ("mypy",)),
    _pytest("unit", "tests/unit"),
    _pytest("unit_tools", "tests/unit_tools"),
    _pytest("dags", "tests/dags"),
    Layer("ruff check", ("ruff", "check", ".")),
    Layer("docker-compose.yaml, Dockerfile", ("local.compose_check",)),
    Layer("ruff format", ("ruff", "format", "--check", ".")),
)
SLOW = _pytest(
    "e2e + chaos + contract + integration",
    *("tests/e2e", "tests/chaos", "tests/contract", "tests/integration", *SIDE_BY_SIDE),
)
BROWSER = _pytest("browser", "tests/browser")
LONG = _pytest("long", "tests", "-s", "--long", "-m", "search")


def main(which: str, options: Sequence[str] = ()) -> int:
    """``which``: fast, all or long; ``options`` are pytest's, for long: ``-k mutations``, ``--search-seed 7``."""
    outcomes = [] if which == "long" else _beside(FAST)
    if which == "long":
        outcomes.append(_shown(LONG, options))
    if which == "all":
        with ThreadPoolExecutor() as thread:
            browser = thread.submit(_run, BROWSER, quiet=True)
            outcomes.append(_shown(SLOW))
            outcomes.append(_printed(browser.result()))
    print()
    for outcome in outcomes:
        print(f"{'✓' if outcome.passed else '✗'} {outcome.title}（{outcome.seconds:.1f} 秒）")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _beside(layers: Sequence[Layer]) -> list[Outcome]:
    """One layer per core at a time; each is printed as a whole."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        running = [threads.submit(_run, layer, quiet=True) for layer in layers]
        outcomes = [layer.result() for layer in running]
    return [_printed(outcome) for outcome in outcomes]


def _printed(outcome: Outcome) -> Outcome:
    print(f"── {outcome.title}\n{outcome.text}", flush=True)
    return outcome


def _shown(layer: Layer, options: Sequence[str] = ()) -> Outcome:
    """Run a layer and show what it prints at once."""
    print(f"── {layer.title}", flush=True)
    return _run(layer, options)


def _run(layer: Layer, options: Sequence[str] = (), *, quiet: bool = False) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *layer.command, *options],
        cwd=ROOT,
        text=True,
        check=False,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )
    return Outcome(layer.title, done.returncode == 0, time.monotonic() - began, done.stdout or "")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
