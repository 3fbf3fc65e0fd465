"""A network that is cut on one machine: packets between some processes and some ports are dropped, and nobody is told.

By nftables, as root. Processes are known by a group of their own (``MACHINE``, ``OTHER_MACHINE``), which stands for the
machine they would run on; only their packets and those of the named ports are touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.layout import HOST, LocalError

MACHINE, OTHER_MACHINE = 47_001, 47_002
_PREFIX = "jst_bench_"
_TABLE = """
table inet {name} {{
  chain whose {{
    type filter hook output priority -150;
    meta skgid {one} ct mark set {one}
    meta skgid {other} ct mark set {other}
  }}
  chain cut {{ type filter hook output priority 0; }}
}}
"""


class CutNetwork:
    """Use it as a context: processes of a machine must be started within it. Raises LocalError where it is not
    allowed."""

    def __init__(self) -> None:
        self._name = f"{_PREFIX}{os.getpid()}"

    def __enter__(self) -> CutNetwork:
        if shutil.which("nft") is None or os.geteuid() != 0:
            raise LocalError("切断网络要有 root 权限与命令 nft（Debian：apt-get install nftables）")
        _forget_the_dead()
        _nft(_TABLE.format(name=self._name, one=MACHINE, other=OTHER_MACHINE))
        return self

    def __exit__(self, *_: object) -> None:
        _nft(f"delete table inet {self._name}")

    @contextmanager
    def between_machine(self, machine: int, ports: Sequence[int]) -> Iterator[None]:
        """Within it no packet passes between the processes of a machine and these ports, of old connections either."""
        with self._dropped(f"ct mark {machine} tcp dport", f"ct mark {machine} tcp sport", ports):
            yield

    @contextmanager
    def from_everybody(self, ports: Sequence[int]) -> Iterator[None]:
        """Within it nobody reaches these ports by the address that is theirs for others."""
        with self._dropped(f"ip daddr {HOST} tcp dport", f"ip saddr {HOST} tcp sport", ports):
            yield

    @contextmanager
    def except_for(self, machine: int, ports: Sequence[int]) -> Iterator[None]:
        """Within it only the processes of a machine reach these ports: servers do not reach one another."""
        there, back = (f"ct mark != {machine} ip {side}addr {HOST} tcp {side}port" for side in ("d", "s"))
        with self._dropped(there, back, ports):
            yield

    @contextmanager
    def _dropped(self, there: str, back: str, ports: Sequence[int]) -> Iterator[None]:
        numbers = ", ".join(map(str, ports))
        _nft("".join(f"add rule inet {self._name} cut {side} {{ {numbers} }} drop\n" for side in (there, back)))
        try:
            yield
        finally:
            _nft(f"flush chain inet {self._name} cut")


def _forget_the_dead() -> None:
    """Delete what a killed measurement has left: the network would stay cut."""
    for name in (line.split()[-1] for line in _nft("list tables").splitlines()):
        if name.startswith(_PREFIX) and not Path("/proc", name.removeprefix(_PREFIX)).exists():
            _nft(f"delete table inet {name}")


def _nft(rules: str) -> str:
    done = subprocess.run(["nft", "-f", "-"], input=rules, capture_output=True, text=True)
    if done.returncode:
        raise LocalError(f"nft 不肯：{' '.join(done.stderr.split())[:300]}")
    return done.stdout
