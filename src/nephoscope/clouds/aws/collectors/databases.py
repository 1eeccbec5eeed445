"""How AWS resource types are read: databases."""

from nephoscope.clouds.aws.collecting import Collector

COLLECTORS: tuple[Collector, ...] = ()
