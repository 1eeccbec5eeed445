"""A simulated cloud on loopback, for the demo, the tests and the benchmark: moto's server, patched where it lacks."""

from nephoscope.simulation.estate.filling import fill_estate
from nephoscope.simulation.estate.world import HOME, REGIONS
from nephoscope.simulation.facts import (
    ACCOUNT_ID,
    BlockConditions,
    CertificateAge,
    Conditions,
    Disturbance,
    Fault,
    KeyAge,
    RootFacts,
    UserAge,
    VolumeImage,
)
from nephoscope.simulation.running import ACCESS_KEY, SECRET_KEY, Simulation, start

__all__ = [
    "ACCESS_KEY",
    "ACCOUNT_ID",
    "HOME",
    "REGIONS",
    "SECRET_KEY",
    "BlockConditions",
    "CertificateAge",
    "Conditions",
    "Disturbance",
    "Fault",
    "KeyAge",
    "RootFacts",
    "Simulation",
    "UserAge",
    "VolumeImage",
    "fill_estate",
    "start",
]
