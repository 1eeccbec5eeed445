"""How AWS resource types are read: network."""

from nephoscope.clouds.aws.collecting import Collector

COLLECTORS: tuple[Collector, ...] = ()
