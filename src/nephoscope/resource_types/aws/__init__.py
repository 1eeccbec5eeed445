"""The AWS rows of the type table."""

from nephoscope.resource_types.aws import (
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

AWS_TYPES = (
    *account.TYPES,
    *iam.TYPES,
    *s3.TYPES,
    *compute.TYPES,
    *network.TYPES,
    *connectivity.TYPES,
    *logging.TYPES,
    *monitoring.TYPES,
    *databases.TYPES,
    *datastores.TYPES,
    *serverless.TYPES,
    *containers.TYPES,
    *applications.TYPES,
)
