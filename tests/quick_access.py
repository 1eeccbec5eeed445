"""Access control that hashes passwords in no time. What hashing has to cost, `access/test_access.py` has."""

from argon2 import PasswordHasher

from nephoscope.access.access import AccessControl
from nephoscope.access.passwords import Passwords
from nephoscope.kit.clock import Clock
from nephoscope.kit.sealing import NO_KEYS, Sealer
from nephoscope.store.session import Store

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def quick_access(store: Store, clock: Clock, sealer: Sealer = NO_KEYS) -> AccessControl:
    return AccessControl(store, clock, sealer, passwords=Passwords(_QUICK))
