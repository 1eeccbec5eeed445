"""The table of what the simulation answers itself, because moto does not."""

from nephoscope.simulation.aws.patches import functions, load_balancers, s3, snapshots
from nephoscope.simulation.aws.patches.access_analyzer import AccessAnalyzer
from nephoscope.simulation.aws.patches.account import Account
from nephoscope.simulation.aws.patches.ec2 import Ec2Settings
from nephoscope.simulation.aws.patches.macie import Macie
from nephoscope.simulation.aws.patches.organizations import Organizations
from nephoscope.simulation.aws.patches.security_hub import SecurityHubStandards
from nephoscope.simulation.aws.patches.types import Operations


def open_patches() -> Operations:
    """Fresh state; (service, operation) in botocore's names → what answers it."""
    return {
        **AccessAnalyzer().operations(),
        **Account().operations(),
        **Ec2Settings().operations(),
        **Macie().operations(),
        **Organizations().operations(),
        **SecurityHubStandards().operations(),
        **functions.operations(),
        **load_balancers.operations(),
        **s3.operations(),
        **snapshots.operations(),
    }
