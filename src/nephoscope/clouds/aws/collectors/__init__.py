"""The table of AWS collectors: one for each AWS resource type."""

from nephoscope.clouds.aws.collectors import (
    account,
    applications,
    compute,
    connectivity,
    containers,
    databases,
    datastores,
    iam,
    logging,
    monitoring,
    network,
    s3,
    serverless,
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
    *datastores.COLLECTORS,
    *serverless.COLLECTORS,
    *containers.COLLECTORS,
    *applications.COLLECTORS,
)
