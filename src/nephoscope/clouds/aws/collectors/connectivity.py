"""How AWS resource types are read: what connects networks and balances load."""

from nephoscope.clouds.aws.collecting import Collector

COLLECTORS: tuple[Collector, ...] = ()
