"""The layers of ``make check`` and ``make test``, fast ones first; every layer runs, any failure fails the whole."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass

from local.layout import ROOT


@dataclass(frozen=True)
class Layer:
    """One command; ``folders`` are the test folders it covers."""

    title: str
    command: tuple[str, ...]
    folders: tuple[str, ...] = ()


def _pytest(title: str, *names: str, options: tuple[str, ...] = ()) -> Layer:
    folders = tuple(f"tests/{name}" for name in names)
    return Layer(title, ("pytest", "-q", "--durations=5", *options), folders)


FAST = (
    Layer("ruff", ("ruff", "check", ".")),
    Layer("mypy", ("mypy",)),
    _pytest("unit", "unit", "unit_tools"),
    _pytest("dags", "dags"),
)
# Side by side, each on servers of its own: these tests wait for outages and retries more than they compute.
SLOW = (
    _pytest(
        "chaos + contract + integration + e2e",
        "e2e",
        "chaos",
        "contract",
        "integration",
        options=("-n", "3", "--dist", "worksteal"),
    ),
    _pytest("browser", "browser"),
)


def main(which: str) -> int:
    results = [(layer.title, *_run(layer)) for layer in (FAST if which == "fast" else FAST + SLOW)]
    print()
    for title, passed, seconds in results:
        print(f"{'✓' if passed else '✗'} {title}（{seconds:.1f} 秒）")
    return 0 if all(passed for _, passed, _ in results) else 1


def _run(layer: Layer) -> tuple[bool, float]:
    began = time.monotonic()
    folders = [folder for folder in layer.folders if (ROOT / folder).is_dir()]
    print(f"── {layer.title}", flush=True)
    if layer.folders and not folders:
        print(f"没有 {'、'.join(layer.folders)}，跳过")
        return True, 0.0
    done = subprocess.run([sys.executable, "-m", *layer.command, *folders], cwd=ROOT)
    return done.returncode == 0, time.monotonic() - began


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
