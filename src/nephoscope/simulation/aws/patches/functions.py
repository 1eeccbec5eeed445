"""The listing of a Lambda function's URLs. What it lists is moto's own."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from nephoscope.simulation.aws.patches.types import Call, Operations


def operations() -> Operations:
    return {("lambda", "ListFunctionUrlConfigs"): _list}


def _list(call: Call) -> Mapping[str, Any]:
    function = get_backend("lambda")[call.account_id][call.region].get_function(call.arguments["FunctionName"])
    found = function.url_config
    return {"FunctionUrlConfigs": [found.to_dict()] if found else []}
