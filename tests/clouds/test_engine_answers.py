"""Every kind of error that AWS answers with, told apart; and what the missing permission is called."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)
from urllib3.exceptions import NameResolutionError

from nephoscope.clouds.aws.answers import Asked, trouble_of
from nephoscope.clouds.aws.permission_names import permission_of
from nephoscope.clouds.troubles import Remedy
from nephoscope.errors import (
    CloudError,
    DeniedError,
    GoneError,
    NotApplicableError,
    ThrottledError,
    UnavailableError,
)

ASKED = Asked("s3", "GetBucketPolicy", "eu-west-1")


def client_error(code: str, message: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # what counts
        "GetBucketPolicy",
    )


@pytest.mark.parametrize(
    ("code", "status", "kind", "remedy"),
    [
        ("AccessDenied", 403, DeniedError, Remedy.NONE),
        ("AccessDeniedException", 400, DeniedError, Remedy.NONE),
        ("UnauthorizedOperation", 403, DeniedError, Remedy.NONE),
        ("Client.UnauthorizedOperation", 403, DeniedError, Remedy.NONE),
        ("AuthorizationError", 403, DeniedError, Remedy.NONE),
        ("403", 403, DeniedError, Remedy.NONE),
        ("Throttling", 400, ThrottledError, Remedy.WAIT),
        ("ThrottlingException", 400, ThrottledError, Remedy.WAIT),
        ("TooManyRequestsException", 429, ThrottledError, Remedy.WAIT),
        ("Whatever", 429, ThrottledError, Remedy.WAIT),
        ("SlowDown", 503, ThrottledError, Remedy.WAIT),
        ("RequestLimitExceeded", 503, ThrottledError, Remedy.WAIT),
        ("NoSuchBucketPolicy", 404, GoneError, Remedy.NONE),
        ("NoSuchEntity", 404, GoneError, Remedy.NONE),
        ("ResourceNotFoundException", 400, GoneError, Remedy.NONE),
        ("InvalidInstanceID.NotFound", 400, GoneError, Remedy.NONE),
        ("DBInstanceNotFound", 404, GoneError, Remedy.NONE),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, GoneError, Remedy.NONE),
        ("QueueDoesNotExist", 400, GoneError, Remedy.NONE),
        ("ServerSideEncryptionConfigurationNotFoundError", 404, GoneError, Remedy.NONE),
        ("OptInRequired", 403, NotApplicableError, Remedy.NONE),
        ("SubscriptionRequiredException", 400, NotApplicableError, Remedy.NONE),
        ("InvalidClientTokenId", 403, UnavailableError, Remedy.NONE),
        ("ExpiredToken", 400, UnavailableError, Remedy.NONE),
        ("InvalidAction", 400, UnavailableError, Remedy.NONE),
        ("NotImplemented", 501, UnavailableError, Remedy.NONE),
        ("501", 501, UnavailableError, Remedy.NONE),
        ("404", 404, UnavailableError, Remedy.NONE),
        ("InternalError", 500, UnavailableError, Remedy.REPEAT),
        ("ServiceUnavailable", 503, UnavailableError, Remedy.REPEAT),
        ("ValidationException", 400, UnavailableError, Remedy.NONE),
        ("", 418, UnavailableError, Remedy.NONE),
    ],
)
def test_codes_are_told_apart(code: str, status: int, kind: type[CloudError], remedy: Remedy) -> None:
    trouble = trouble_of(client_error(code, status=status), ASKED)
    assert type(trouble.error) is kind
    assert (trouble.remedy, trouble.is_dead) == (remedy, False)


def test_a_head_that_finds_nothing_is_gone() -> None:
    asked = Asked("s3", "HeadBucket", "eu-west-1")
    assert isinstance(trouble_of(client_error("404", status=404), asked).error, GoneError)


@pytest.mark.parametrize(
    ("service", "code", "message"),
    [
        ("macie2", "AccessDeniedException", "Macie is not enabled."),
        ("securityhub", "InvalidAccessException", "Account 1 is not subscribed to AWS Security Hub"),
    ],
)
def test_what_was_never_switched_on_is_not_denied(service: str, code: str, message: str) -> None:
    asked = Asked(service, "GetIt", "eu-west-1")
    assert isinstance(trouble_of(client_error(code, message), asked).error, GoneError)
    assert isinstance(trouble_of(client_error("AccessDenied", message), ASKED).error, DeniedError)


@pytest.mark.parametrize(
    ("message", "permission"),
    [
        (
            (
                "User: arn:aws:iam::1:user/x is not authorized to perform: s3:GetBucketAcl on resource: y because no "
                "identity-based policy allows the s3:GetBucketAcl action"
            ),
            "s3:GetBucketAcl",
        ),
        ("User x is not authorized to perform elasticloadbalancing:DescribeX", "elasticloadbalancing:DescribeX"),
        ("Access Denied", "s3:GetBucketPolicy"),
        ("", "s3:GetBucketPolicy"),
    ],
)
def test_the_missing_permission_is_named(message: str, permission: str) -> None:
    error = trouble_of(client_error("AccessDenied", message, 403), ASKED).error
    assert isinstance(error, DeniedError)
    assert error.permission == permission
    assert permission in error.message


def test_a_refused_connection_may_be_repeated_and_then_is_dead() -> None:
    trouble = trouble_of(EndpointConnectionError(endpoint_url="http://x", error=OSError("refused")), ASKED)
    assert isinstance(trouble.error, UnavailableError)
    assert (trouble.remedy, trouble.is_dead) == (Remedy.REPEAT, True)


def test_a_connection_that_times_out_is_dead_at_once() -> None:
    trouble = trouble_of(ConnectTimeoutError(endpoint_url="http://x"), ASKED)
    assert isinstance(trouble.error, UnavailableError)
    assert (trouble.remedy, trouble.is_dead) == (Remedy.NONE, True)


@pytest.mark.parametrize(("is_known", "kind"), [(True, UnavailableError), (False, NotApplicableError)])
def test_a_name_that_does_not_resolve_is_absent_only_where_the_service_is_not_known(
    kind: type[CloudError], *, is_known: bool
) -> None:
    cause = NameResolutionError("macie2.mx-central-1.amazonaws.com", None, OSError("no such name"))  # type: ignore[arg-type]  # no connection here
    error = EndpointConnectionError(endpoint_url="https://x", error=cause)
    trouble = trouble_of(error, Asked("macie2", "GetMacieSession", "mx-central-1", lambda: is_known))
    assert type(trouble.error) is kind


def test_missing_credentials_are_said() -> None:
    assert "credentials" in trouble_of(NoCredentialsError(), ASKED).error.message


def test_what_servers_say_is_bounded_and_printable() -> None:
    error = trouble_of(client_error("Odd", "\x1b[31mred\nline " + "x" * 10_000), ASKED).error
    assert error.message.isprintable()
    assert len(error.message) < 400


@pytest.mark.parametrize(
    ("service", "operation", "permission"),
    [
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
        ("efs", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems"),
        ("elbv2", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
        ("accessanalyzer", "ListAnalyzers", "access-analyzer:ListAnalyzers"),
        ("apigateway", "GetRestApis", "apigateway:GET"),
        ("ec2", "DescribeInstances", "ec2:DescribeInstances"),
        ("cloudwatch", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
    ],
)
def test_permissions_are_called_what_iam_calls_them(service: str, operation: str, permission: str) -> None:
    assert permission_of(service, operation) == permission
