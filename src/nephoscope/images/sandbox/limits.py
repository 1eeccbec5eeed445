"""What the parser process gives up before it looks at the first byte: files, sockets, programs, memory, time.

Three walls, each of which holds alone: limits of the system, namespaces without a network, and a filter of system
calls. What a kernel does not grant is told to the parent; the limits always hold.
"""

import ctypes
import platform
import resource
from collections.abc import Mapping
from contextlib import suppress

MEMORY = 1024 * 1024 * 1024
"""Bytes of addresses; the process itself needs a fifth of it."""
CPU_SECONDS = 600

_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL = 9
_MODE_FILTER = 2
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_AT, _MACHINE_AT = 0, 4

_X86 = (
    0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 44, 45, 46, 47, 60, 96, 98, 131, 186, 202, 219, 228, 230,
    231, 271, 318, 324, 334,
)  # fmt: skip
_ARM = (
    57, 62, 63, 64, 73, 80, 93, 94, 98, 113, 115, 124, 128, 132, 134, 135, 139, 165, 169, 178, 206, 207, 211, 212, 214,
    215, 216, 222, 226, 233, 278, 283, 293,
)  # fmt: skip
_MACHINES: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, _X86),
    "aarch64": (0xC00000B7, _ARM),
}
"""The kernel's name for the machine, and the calls that stay: read, write, close, fstat, poll, lseek, memory, signals,
futexes, sockets that are open, clocks, exit."""


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def enter() -> tuple[str, ...]:
    """Give everything up; answers what the kernel did not take."""
    if platform.system() != "Linux":
        _limit()
        return ("This system has neither namespaces nor a filter of system calls.",)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    has_network = bool(libc.unshare(_NEW_NET | _NEW_IPC) and libc.unshare(_NEW_USER | _NEW_NET | _NEW_IPC))
    _limit()
    has_calls = not _filter(libc)
    return (
        *(["The kernel grants no network namespace of its own."] if has_network else []),
        *(["The kernel or the machine knows no filter of system calls."] if has_calls else []),
    )


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError):  # what this system does not know
            resource.setrlimit(what, (bound, bound))


def _filter(libc: ctypes.CDLL) -> bool:
    """Whether the kernel took the list of calls that stay; every other one fails from then on."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    machine, calls = known
    steps = [(_LOAD, 0, 0, _MACHINE_AT), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER_AT)]
    for number in calls:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _DENY))
    rows = (_Step * len(steps))(*(_Step(*step) for step in steps))
    program = _Program(len(steps), rows)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return not libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)
