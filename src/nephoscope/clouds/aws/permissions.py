"""The least-privilege policy: what the declarations of types and details say that reading them takes."""

from typing import Any

from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.aws.permission_names import ENTRY_PERMISSIONS
from nephoscope.clouds.declared import permissions
from nephoscope.clouds.doors import Needs
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import types_of


def policy_document(needs: Needs | None = None) -> dict[str, Any]:
    """The IAM policy document that allows what a scan of `needs` (of everything, without them) calls, and no more."""
    rows = {row.name: row for row in types_of(Provider.AWS)}
    actions = sorted({*ENTRY_PERMISSIONS, *permissions(rows, AWS_COLLECTORS, needs)})
    statement = {"Sid": "NephoscopeRead", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
