"""How AWS resource types are read: account."""

from nephoscope.clouds.aws.collecting import Collector

COLLECTORS: tuple[Collector, ...] = ()
