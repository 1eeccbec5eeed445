"""What AWS's errors mean, as our own errors, and what may be tried again.

Denied, throttled, gone, not here, and broken are told apart by the code that the service sent, never by guessing.
"""

import re
from collections.abc import Callable
from enum import StrEnum

import msgspec
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import NameResolutionError

from nephoscope.clouds.aws.permission_names import permission_of
from nephoscope.clouds.troubles import Remedy, Trouble
from nephoscope.errors import (
    DeniedError,
    GoneError,
    NotApplicableError,
    ThrottledError,
    UnavailableError,
)

CALL_ERRORS = (ClientError, BotoCoreError, ResponseParserError, RuntimeError)
"""All that a call of botocore raises when the cloud did not answer well; RuntimeError when a role's new credentials
have expired already."""


class Asked(msgspec.Struct, frozen=True):
    """The call that went wrong: `operation` in the API's spelling (`GetBucketPolicy`). `is_known` answers whether the
    service is known to exist in the region."""

    service: str
    operation: str
    region: str
    is_known: Callable[[], bool] = lambda: True

    def __str__(self) -> str:
        return f"{self.service} {self.operation} in {self.region}"


_PERMISSION = re.compile(r"to perform:?\s+([a-z0-9-]{1,64}:[A-Za-z0-9]{1,128})")

_DENIED = frozenset({
    "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AuthorizationError", "AuthorizationErrorException",
    "Client.UnauthorizedOperation", "ExplicitDeny", "Forbidden", "NotAuthorized", "NotAuthorizedException",
    "UnauthorizedAccess", "UnauthorizedException", "UnauthorizedOperation", "403",
})  # fmt: skip
_THROTTLED = frozenset({
    "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "SlowDown", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException", "429",
})  # fmt: skip
_NOT_HERE = frozenset({"OptInRequired", "SubscriptionRequiredException", "UnsupportedRegionException"})
_CREDENTIALS = frozenset({
    "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
    "InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken", "RequestExpired",
    "SignatureDoesNotMatch", "TokenRefreshRequired", "UnrecognizedClientException",
})  # fmt: skip
_GONE = re.compile(r"^NoSuch|NotFound|NonExistent|DoesNotExist|NotInUse|ServiceAccessNotEnabled")
_GAPS = frozenset({"501", "InvalidAction", "NotImplemented", "NotImplementedException", "UnknownOperationException"})
_SWITCHED = frozenset({"detective", "guardduty", "inspector2", "macie2", "securityhub"})
_NOT_ENABLED = re.compile(r"not enabled|not subscribed|not turned on|not been enabled|disabled", re.IGNORECASE)
"""Services that answer "denied" or "invalid access" when they mean that they were never switched on."""

_SERVER_ERROR = 500
_TOO_MANY = 429
_NOT_IMPLEMENTED = 501


def trouble_of(error: Exception, asked: Asked) -> Trouble:
    """The meaning of anything in CALL_ERRORS."""
    match error:
        case ClientError():
            trouble = _answered(error, asked)
        case EndpointConnectionError() | ConnectTimeoutError():
            trouble = _unreachable(error, asked)
        case SSLError():
            untrusted = UnavailableError(f"The certificate of {asked.service} in {asked.region} cannot be verified.")
            trouble = Trouble(untrusted, is_dead=True)
        case ReadTimeoutError():
            trouble = Trouble(UnavailableError(f"{asked} did not answer in time."), Remedy.SILENT)
        case ConnectionClosedError():
            closed = UnavailableError(f"{asked}: the connection was closed without an answer.")
            trouble = Trouble(closed, Remedy.REPEAT)
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError():
            trouble = Trouble(UnavailableError(f"There are no usable AWS credentials: {_clean(str(error))}"))
        case ResponseParserError():
            trouble = Trouble(UnavailableError(f"{asked} answered with something that is not an AWS answer."))
        case _:
            trouble = Trouble(UnavailableError(f"{asked} failed: {_clean(str(error))}"))
    return trouble


def _answered(error: ClientError, asked: Asked) -> Trouble:
    """The service answered with an error of its own."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = _clean(str(error.response.get("Error", {}).get("Message", "")))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"{asked} answered {code or status}" + (f": {message}" if message else "")
    match _meaning(asked, code, message, status):
        case _Meaning.THROTTLED:
            trouble = Trouble(ThrottledError(f"{asked} is still throttled."), Remedy.WAIT)
        case _Meaning.DENIED:
            permission = _missing(message) or permission_of(asked.service, asked.operation)
            denied = DeniedError(f"{asked} is denied: the permission {permission} is missing.", permission)
            trouble = Trouble(denied)
        case _Meaning.GONE:
            trouble = Trouble(GoneError(said))
        case _Meaning.NOT_HERE:
            trouble = Trouble(NotApplicableError(said))
        case _Meaning.CREDENTIALS:
            hint = "(is the region enabled, and are the credentials still valid?)"
            trouble = Trouble(UnavailableError(f"{said} {hint}"))
        case _Meaning.GAP:
            trouble = Trouble(UnavailableError(f"{asked} is not implemented there."))
        case _Meaning.SERVER:
            trouble = Trouble(UnavailableError(said), Remedy.REPEAT)
        case _Meaning.OTHER:
            trouble = Trouble(UnavailableError(said))
    return trouble


class _Meaning(StrEnum):
    THROTTLED = "throttled"
    DENIED = "denied"
    GONE = "gone"
    NOT_HERE = "not here"
    CREDENTIALS = "credentials"
    GAP = "gap"
    SERVER = "server"
    OTHER = "other"


def _meaning(asked: Asked, code: str, message: str, status: int) -> _Meaning:
    """The first rule that holds."""
    rules = (
        (_Meaning.THROTTLED, code in _THROTTLED or status == _TOO_MANY),
        (_Meaning.GONE, asked.service in _SWITCHED and _NOT_ENABLED.search(message) is not None),
        (_Meaning.DENIED, code in _DENIED),
        (_Meaning.NOT_HERE, code in _NOT_HERE),
        (_Meaning.CREDENTIALS, code in _CREDENTIALS),
        (_Meaning.GAP, code in _GAPS or status == _NOT_IMPLEMENTED),
        (_Meaning.SERVER, status >= _SERVER_ERROR),
        (_Meaning.GONE, _GONE.search(code) is not None or (code == "404" and asked.operation.startswith("Head"))),
    )
    return next((meaning for meaning, holds in rules if holds), _Meaning.OTHER)


def _unreachable(error: EndpointConnectionError | ConnectTimeoutError, asked: Asked) -> Trouble:
    """No connection. A name that does not resolve, of a service that is not known to be there, is simply not there;
    a refusal may be a moment's, a timeout has taken its time already."""
    cause = getattr(error, "kwargs", {}).get("error")
    if isinstance(cause, NameResolutionError) and not asked.is_known():
        return Trouble(NotApplicableError(f"{asked.service} does not exist in {asked.region}."), is_dead=True)
    remedy = Remedy.REPEAT if isinstance(error, EndpointConnectionError) else Remedy.NONE
    reached = UnavailableError(f"The endpoint of {asked.service} in {asked.region} cannot be reached.")
    return Trouble(reached, remedy, is_dead=True)


def _missing(message: str) -> str:
    """The permission that the message names: `… is not authorized to perform: s3:GetBucketPolicy on resource …`."""
    found = _PERMISSION.search(message)
    return found.group(1) if found else ""


_LONGEST = 300


def _clean(text: str) -> str:
    """One line, bounded: answers of servers end up on terminals. Pages of HTML say nothing."""
    if text.lstrip().startswith("<"):
        return ""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
