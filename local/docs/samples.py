"""What the commands print, on the pages that show it: taken from a real run by ``make docs ARGS=--samples``.

Wants the state a newcomer has: ``make clean`` before it. It leaves the stack running and the sandbox's shop frozen.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from local.layout import ROOT, LocalError

PAGES = (
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "docs" / "local-stack.md",
    ROOT / "docs" / "zh" / "local-stack.md",
)
COMMANDS = {
    "make up": ["local.stack", "up"],
    "make status": ["local.stack", "status"],
    "make verify ARGS=--freeze": ["local.verify", "--freeze"],
}
_PASSWORD, _WAITS = re.compile(r"(密码 )\S+"), "  … 等待"
END = "make up, its end"
"""From the address of Airflow on: what a newcomer reads."""
_BLOCK = re.compile(r"(<!-- sample: (?P<name>[^\n]+) -->\n```text\n)(?P<text>.*?)(\n```)", re.DOTALL)


def samples(page: str) -> dict[str, str]:
    """Return name → text of every sample a page shows."""
    return {block["name"]: block["text"] for block in _BLOCK.finditer(page)}


def pages(taken: Mapping[str, str]) -> dict[Path, str]:
    """Render every page with the samples that were taken; raises KeyError for one that was not."""
    return {path: _filled(path.read_text("utf-8"), taken) for path in PAGES}


def _filled(page: str, taken: Mapping[str, str]) -> str:
    return _BLOCK.sub(lambda block: f"{block[1]}{taken[block['name']]}{block[4]}", page)


def take() -> dict[str, str]:
    """Run the commands, showing what they print; raises LocalError when one of them fails."""
    taken = {name: _run(name, command) for name, command in COMMANDS.items()}
    up = taken["make up"]
    return {**taken, END: up[up.index("Airflow   http") :]}


def _run(name: str, command: list[str]) -> str:
    print(f"$ {name}", flush=True)
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode:
        raise LocalError(f"{name} 没有成功（代码 {done.returncode}），样例没有改动")
    lines = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
    return _PASSWORD.sub(r"\1……", "\n".join(_shortened(lines)))


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    """Leave out the middle of a long wait for the same thing."""
    for waits, group in groupby(lines, lambda line: line.startswith(_WAITS)):
        kept = list(group)
        yield from (*kept[:2], kept[-1]) if waits and len(kept) > 3 else kept
