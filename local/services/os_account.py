"""PostgreSQL refuses to run as root: how a child of root becomes an unprivileged account of the system."""

from __future__ import annotations

import ctypes
import os
import pwd

from local.layout import LocalError

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 28, 47, 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1


def unprivileged() -> int | None:
    """User id to run PostgreSQL as; None when we are not root. Raises LocalError when the system has no such user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise LocalError("以 root 运行时需要系统用户 nobody 来启动 PostgreSQL，请先创建它，或改用普通用户运行")


def group_of(account: int) -> int:
    return pwd.getpwuid(account).pw_gid


def become(account: int) -> None:
    """In a forked child of root: give up root, keep only the right to pass folders closed to others.

    Without that right a clone below ``/root`` could not be used: the account would not even reach its own data.
    """
    # without it access(2), which initdb asks about its own binaries, goes by the account alone
    _LIBC.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(group_of(account))
    os.setuid(account)
    mask = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if _LIBC.capset(header, effective_permitted_inheritable) != 0:
        # a container without that right: then without any, and only folders open to all can be used
        _LIBC.capset(header, (ctypes.c_uint32 * 6)())
        return
    _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
