"""How AWS resource types are read: logging."""

from nephoscope.clouds.aws.collecting import Collector

COLLECTORS: tuple[Collector, ...] = ()
