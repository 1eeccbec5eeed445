"""The one error tree. Every door turns these into its own words: the API into the error body, the CLI into one line.

NephoscopeError
├── BadRequestError          the caller's input is wrong; `problems` names every wrong part at once
│   └── QuerySyntaxError     a filter that cannot be read; carries the position
├── NotFoundError            a named thing does not exist
├── ConflictError            the name or the account is taken, or the thing is busy
├── UnauthenticatedError     who are you
├── ForbiddenError           you may not
├── TooManyRequestsError     not now; carries how long to wait
├── UnsupportedMediaTypeError
├── TooLargeError            a body or a value over its limit
├── SettingsError            the program was started wrongly
├── StoreError               the database cannot be opened or is of another version
├── CatalogueError           half-written data in the control catalogue: names the cid and the field
├── DiskError                a disk, a volume or a file on it cannot be read
│   └── BudgetError          the scan of a disk may read no further
└── CloudError               what a cloud answered
    ├── DeniedError          a permission is missing; carries its name
    ├── ThrottledError       still throttled after every retry
    ├── GoneError            the thing vanished between list and detail
    ├── NotApplicableError   the service does not exist here (region, partition)
    └── UnavailableError     dead endpoint, server error, not implemented
"""

from collections.abc import Sequence


class NephoscopeError(Exception):
    """The root: `message` is one sentence for a person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequestError(NephoscopeError):
    """Input that cannot be accepted; `problems` lists each wrong part, in the caller's field names."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class QuerySyntaxError(BadRequestError):
    """A filter that cannot be read; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class NotFoundError(NephoscopeError):
    pass


class ConflictError(NephoscopeError):
    pass


class UnauthenticatedError(NephoscopeError):
    pass


class ForbiddenError(NephoscopeError):
    pass


class TooManyRequestsError(NephoscopeError):
    """Asking again makes sense after `wait_seconds`, at least one."""

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = max(1, wait_seconds)


class UnsupportedMediaTypeError(NephoscopeError):
    pass


class TooLargeError(NephoscopeError):
    pass


class SettingsError(NephoscopeError):
    pass


class StoreError(NephoscopeError):
    pass


class CatalogueError(NephoscopeError):
    pass


class DiskError(NephoscopeError):
    """`is_fatal` says that nothing more will come out of this volume."""

    def __init__(self, message: str, *, is_fatal: bool = False) -> None:
        super().__init__(message)
        self.is_fatal = is_fatal


class BudgetError(DiskError):
    def __init__(self, message: str) -> None:
        super().__init__(message, is_fatal=True)


class CloudError(NephoscopeError):
    pass


class DeniedError(CloudError):
    """A permission is missing; `permission` is the cloud's own name for it, such as `s3:GetBucketPolicy`."""

    def __init__(self, message: str, permission: str) -> None:
        super().__init__(message)
        self.permission = permission


class ThrottledError(CloudError):
    pass


class GoneError(CloudError):
    pass


class NotApplicableError(CloudError):
    pass


class UnavailableError(CloudError):
    pass


def refuse(message: str, problems: Sequence[str]) -> None:
    """BadRequestError (`message: the first; the second.`) when there are any problems."""
    if problems:
        raise BadRequestError(f"{message}: {'; '.join(problems)}.", problems)
