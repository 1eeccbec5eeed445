"""A project with something in it: good and bad of every kind, as Google Cloud answers it."""

from nephoscope.simulation.gcp.cloud import GcpCloud
from nephoscope.simulation.gcp.estate import compute, data, identities, logs, network, project, workloads

_PARTS = (project.fill, identities.fill, logs.fill, network.fill, compute.fill, data.fill, workloads.fill)


def fill_gcp(cloud: GcpCloud) -> None:
    """Fills an empty simulation; every time the same, save that one API key is ten days old."""
    for fill in _PARTS:
        fill(cloud)
