"""How Azure resource types are read: managed databases. A server's name is unique in all of Azure and is its id here;
the full id is its ARN."""

from nephoscope.clouds.azure.collecting import Collector, Place, Raw, resources
from nephoscope.clouds.azure.shaping import properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import databases as types


def _shape_mariadb(raw: Raw, _: Place) -> Observed:
    known = {**properties(raw), "sku": raw.get("sku")}
    return resource(types.MARIADB_SERVER, raw, known, resource_id=raw["name"])


COLLECTORS = (Collector("MARIADB_SERVER", resources("microsoft.dbformariadb/servers"), _shape_mariadb),)
