"""A simulated AWS: moto's server, patched where it lacks, and an account to fill it with."""

from nephoscope.simulation.aws.estate.filling import fill_estate
from nephoscope.simulation.aws.estate.world import HOME, REGIONS
from nephoscope.simulation.aws.facts import (
    ACCOUNT_ID,
    IMAGE,
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
from nephoscope.simulation.aws.running import ACCESS_KEY, SECRET_KEY, Simulation, start

__all__ = [
    "ACCESS_KEY",
    "ACCOUNT_ID",
    "HOME",
    "IMAGE",
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
