"""The descriptions of services that botocore works from, read so that only what a call needs is ever unpacked.

As botocore reads them they are most of a scan's memory (75 MB for forty services) and a quarter of its CPU, for the
sake of documentation and of thousands of shapes that no call here touches. So only the calls are kept that look, and of
those only what the declared permissions are for: a client cannot even name any other.
"""

import gzip
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nephoscope.clouds.aws.permission_names import permission_of

_ENDINGS: dict[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
_SERVICE = "service-2"
_READS = re.compile(r"(BatchGet|Describe|Get|Head|List)[A-Z]|GenerateCredentialReport$")
_ENTERS = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""Services that botocore itself needs to get at credentials: whole."""
_OWN = frozenset({"s3:ListBucket"})
"""What botocore itself asks, to find out where a bucket is."""
_NAMED = re.compile(rb'"shape"\s*:\s*"(\w+)"')
_EXCEPTION = re.compile(rb'"exception"\s*:\s*true')


class ModelFiles:
    """What `botocore.loaders.Loader` asks of its `file_loader`. Paths come without their endings."""

    def __init__(self, permissions: Collection[str], writes: Collection[str] = ()) -> None:
        """`writes` are permissions for the few calls that change something, where those are asked for at all."""
        self._permissions = frozenset(permissions) | _OWN
        self._writes = frozenset(writes)

    def exists(self, file_path: str) -> bool:
        return any(Path(file_path + ending).is_file() for ending in _ENDINGS)

    def load_file(self, file_path: str) -> Any:
        """The content; None when there is no such file."""
        for ending, unpack in _ENDINGS.items():
            path = Path(file_path + ending)
            if path.is_file():
                content = unpack(path.read_bytes())
                is_service = Path(file_path).name == _SERVICE
                return self._service(path.parent.parent.name, content) if is_service else msgspec.json.decode(content)
        return None

    def _service(self, service: str, content: bytes) -> dict[str, Any]:
        parts = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        operations = msgspec.json.decode(parts.pop("operations"), type=dict[str, msgspec.Raw])
        kept = {name: bytes(raw) for name, raw in operations.items() if self._is_kept(service, name)}
        shapes = _reached(kept.values(), msgspec.json.decode(parts.pop("shapes"), type=dict[str, msgspec.Raw]))
        rest = {name: msgspec.json.decode(raw) for name, raw in parts.items()}
        unpacked = {name: _undocumented(msgspec.json.decode(packed)) for name, packed in kept.items()}
        return rest | {"operations": unpacked, "shapes": shapes}

    def _is_kept(self, service: str, operation: str) -> bool:
        permission = permission_of(service, operation)
        looks = _READS.match(operation) and permission in self._permissions
        return bool(looks) or permission in self._writes or service in _ENTERS


class Shapes(dict[str, Any]):
    """The shapes of a service by name: packed (bytes) until they are asked for, then unpacked.

    botocore looks them up by name, and goes through all of them only to find the exceptions, on the first error of each
    client: these are all that it is shown then.
    """

    def __getitem__(self, name: str) -> Any:
        shape = super().__getitem__(name)
        if isinstance(shape, bytes):
            shape = _undocumented(msgspec.json.decode(shape))
            self[name] = shape
        return shape

    def __iter__(self) -> Iterator[str]:
        return (name for name, shape in tuple(super().items()) if _is_exception(shape))


def _reached(operations: Iterable[bytes], shapes: Mapping[str, msgspec.Raw]) -> Shapes:
    """The shapes that the operations name, and those that these name."""
    reached = Shapes()
    waiting = [name for packed in operations for name in _NAMED.findall(packed)]
    while waiting:
        name = waiting.pop().decode()
        if name not in reached:
            reached[name] = packed = bytes(shapes[name])
            waiting.extend(_NAMED.findall(packed))
    return reached


def _undocumented(described: dict[str, Any]) -> dict[str, Any]:
    """Without the texts, on it and on its members."""
    described.pop("documentation", None)
    for member in described.get("members", {}).values():
        member.pop("documentation", None)
    return described


def _is_exception(shape: Any) -> bool:
    if isinstance(shape, bytes):
        return _EXCEPTION.search(shape) is not None
    return bool(shape.get("exception", False))
