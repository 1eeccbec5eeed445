"""The table of AWS collectors: one for each AWS resource type."""

from nephoscope.clouds.aws.collectors import (
    account,
    applications,
    compute,
    connectivity,
    databases,
    iam,
    logging,
    monitoring,
    network,
    s3,
)

AWS_COLLECTORS = (
    *account.COLLECTORS,
    *iam.COLLECTORS,
    *s3.COLLECTORS,
    *compute.COLLECTORS,
    *network.COLLECTORS,
    *connectivity.COLLECTORS,
    *logging.COLLECTORS,
    *monitoring.COLLECTORS,
    *databases.COLLECTORS,
    *applications.COLLECTORS,
)
