"""A process that has imported the sandbox ERP and forks one child per shop: importing costs more than most tests.

One line of JSON in: the sandbox's command line; one line out: the child's process id.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

from local.services.process import die_with_parent


class ForkedSandbox:
    """The process of one shop. Its exit code is nobody's: whoever asks only needs to know whether it still lives."""

    def __init__(self, options: Sequence[str], secret: str) -> None:
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps([*options, "--app-secret", secret]) + "\n")
        server.stdin.flush()
        self._ends = os.pidfd_open(int(server.stdout.readline()))

    def lives(self) -> bool:
        return not self._ended_within(0)

    def stop(self, seconds: float) -> None:
        """Ask it to end. Raises TimeoutError when it has not after ``seconds``."""
        self._signal(signal.SIGTERM)
        if not self._ended_within(seconds):
            raise TimeoutError(f"the sandbox did not end within {seconds:.0f} s")

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _ended_within(self, seconds: float) -> bool:
        return bool(select.select([self._ends], [], [], seconds)[0])

    def _signal(self, number: int) -> None:
        if self.lives():
            signal.pidfd_send_signal(self._ends, number)


@cache
def _server() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main() -> int:
    """Serve until the input ends; a child returns from here when its shop is stopped."""
    from local.sandbox.__main__ import main as sandbox

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children, and none may stay as a zombie
    parent = os.getpid()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            die_with_parent(parent, signal.SIGKILL)
            sys.argv = ["local.sandbox", *json.loads(line)]
            return sandbox()
        print(child, file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
