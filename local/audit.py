"""``python -m local.audit``: which pinned Python packages have known vulnerabilities, by pip-audit.

requirements.txt and cluster/requirements.txt, as they are pinned. The database is that of PyPI; ``-s osv`` asks
OSV. Exit code 0: none is known; 1: some are, or the database was not reached.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from local.layout import ROOT, TOOLS

PIP_AUDIT = "pip-audit==2.10.1"
FILES = ("requirements.txt", "cluster/requirements.txt")


def main(options: Sequence[str]) -> int:
    """Audit both files; ``options`` are pip-audit's. Returns the exit code."""
    python = TOOLS / "audit" / PIP_AUDIT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PIP_AUDIT], check=True)
    # every package is pinned: nothing is resolved or installed, only looked up
    command = [
        str(python),
        "-m",
        "pip_audit",
        "--strict",
        "--no-deps",
        "--disable-pip",
        "--progress-spinner=off",
        *options,
    ]
    found = [subprocess.run([*command, "--requirement", name], cwd=ROOT, check=False).returncode for name in FILES]
    return max(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
