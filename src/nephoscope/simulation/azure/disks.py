"""Managed disks of the simulated Azure: what they hold, snapshots of them, and addresses that open those for a while.

A snapshot holds what its disk held when it was made. Opening it takes an operation that is asked after; its address
ends with a signature, opens pages without a token, and keeps the snapshot from being deleted until access is ended.
"""

import hashlib
import re
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nephoscope.simulation.rest.serving import Answered, Asked

Document = dict[str, Any]

SNAPSHOTS = "/providers/microsoft.compute/snapshots"
BLOBS = "/blob/"
"""Where opened snapshots lie: an address of storage, which asks for no token."""
_SNAPSHOT = re.compile(r"(/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.compute/snapshots/([^/]+))")
_OPERATION = re.compile(r"/subscriptions/[^/]+/providers/microsoft\.compute/locations/[^/]+/diskoperations/(\w+)")
_PAGES = 65_536
_RANGES = 2
"""Of a page of a list: few, so that lists have several."""
_CREATED, _PARTIAL, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 202, 206, 403, 404, 409


class ManagedDisks:
    """`images` says what each disk holds; ids in lower case. `is_corrupt`: pages differ from their checksum."""

    def __init__(self) -> None:
        self.images: dict[str, Path] = {}
        self.snapshots: dict[str, Document] = {}
        """Those that there are, by their path in lower case."""
        self.is_corrupt = False
        self._held: dict[str, bytes] = {}
        self._opened: dict[str, str] = {}
        self._operations: dict[str, Document] = {}
        self._serial = 0

    def hold(self, disk_id: str, image: Path) -> None:
        """From now on the disk holds this."""
        self.images[disk_id.lower()] = image

    def expire(self) -> None:
        """No address opens anything any more; who wants to read must ask again."""
        self._opened.clear()

    def listed(self) -> list[Document]:
        """As listings have them: with the resource group in capitals."""
        return [{**row, "id": _shouted(str(row["id"]))} for row in self.snapshots.values()]

    def answer(self, asked: Asked, endpoint_url: str) -> Answered | None:
        """None for what is about something else."""
        path = asked.path.lower()
        operation = _OPERATION.fullmatch(path)
        if operation:
            return self._operation(asked, operation[1], endpoint_url)
        found = _SNAPSHOT.match(path)
        if found is None:
            return None
        answered = self._of_snapshot(asked, found[1], path.removeprefix(found[1]), endpoint_url)
        return answered or _error(_NOT_FOUND, "ResourceNotFound", f"The Resource '{asked.path}' was not found.")

    def _of_snapshot(self, asked: Asked, path: str, verb: str, endpoint_url: str) -> Answered | None:
        """None when there is nothing like that."""
        match asked.method, verb:
            case "PUT", "":
                return self._make(asked, path)
            case "DELETE", "":
                return self._delete(path)
            case "GET", "" if path in self.snapshots:
                return Answered(self.snapshots[path])
            case "POST", "/begingetaccess" if path in self.snapshots:
                return self._begin(asked, path, endpoint_url)
            case "POST", "/endgetaccess" if path in self.snapshots:
                return Answered({"ended": self._opened.pop(path, None) is not None})
        return None

    def blob(self, asked: Asked) -> Answered:
        """Pages of an opened snapshot, or which of them hold something."""
        name, signature = asked.path.removeprefix(BLOBS), asked.query.get("sig", "")
        path = next((one for one in self.snapshots if one.endswith(f"/{name}")), "")
        if not path or self._opened.get(path) != signature:
            return Answered(b"<Error><Code>AuthenticationFailed</Code></Error>", _FORBIDDEN, _XML)
        content = self._held[path]
        if asked.query.get("comp") == "pagelist":
            return Answered(self._ranges(asked, content), headers=_XML)
        first, last = (int(text) for text in re.findall(r"\d+", asked.headers["range"]))
        piece = content[first : last + 1]
        told = {"Content-MD5": b64encode(hashlib.md5(piece, usedforsecurity=False).digest()).decode()}
        return Answered(piece[:-1] + b"!" if self.is_corrupt else piece, _PARTIAL, told)

    def _make(self, asked: Asked, path: str) -> Answered:
        body = asked.json()
        image = self.images.get(str(body["properties"]["creationData"]["sourceResourceId"]).lower())
        if image is None:
            return _error(_NOT_FOUND, "ResourceNotFound", "The source disk was not found.")
        self._held[path] = image.read_bytes()
        properties = {
            **body["properties"],
            "diskSizeBytes": len(self._held[path]),
            "provisioningState": "Succeeded",
            "timeCreated": datetime.now(UTC).isoformat(),
        }
        made = {**body, "id": asked.path, "name": asked.path.rpartition("/")[2], "properties": properties}
        self.snapshots[path] = made
        return Answered({**made, "properties": {**properties, "provisioningState": "Updating"}}, _CREATED)

    def _delete(self, path: str) -> Answered:
        if path in self._opened:
            return _error(_CONFLICT, "OperationNotAllowed", "There is an active shared access signature outstanding.")
        if self.snapshots.pop(path, None) is None:
            return Answered(b"", 204)
        del self._held[path]
        return Answered(b"", _CREATED)

    def _begin(self, asked: Asked, path: str, endpoint_url: str) -> Answered:
        self._serial += 1
        signature, name = f"s{self._serial}", path.rpartition("/")[2]
        self._opened[path] = signature
        self._operations[signature] = {"accessSAS": f"{endpoint_url}{BLOBS}{name}?sv=2018-03-28&sr=b&sig={signature}"}
        return self._pending(asked, f"o{signature}", endpoint_url)

    def _operation(self, asked: Asked, name: str, endpoint_url: str) -> Answered:
        """Still under way when it is asked after for the first time."""
        if name.startswith("o"):
            return self._pending(asked, name[1:], endpoint_url)
        found = self._operations.get(name)
        return Answered(found) if found else _error(_NOT_FOUND, "NotFound", "There is no such operation.")

    def _pending(self, asked: Asked, name: str, endpoint_url: str) -> Answered:
        subscription = asked.path.split("/")[2]
        where = f"/subscriptions/{subscription}/providers/Microsoft.Compute/locations/westeurope/DiskOperations/{name}"
        address = f"{endpoint_url}{where}?api-version=2024-03-02"
        return Answered(b"", _CREATED, {"Location": address, "Retry-After": "0"})

    def _ranges(self, asked: Asked, content: bytes) -> bytes:
        """What is not zero, or what differs from an earlier snapshot; some of them a page."""
        before = asked.headers.get("x-ms-previous-snapshot-url", "").partition("?")[0].rpartition("/")[2]
        old = next((held for path, held in self._held.items() if before and path.endswith(f"/{before}")), b"")
        old = old.ljust(len(content), b"\0")
        first, last = (int(text) for text in re.findall(r"\d+", asked.headers.get("x-ms-range", f"0-{len(content)}")))
        starts = [
            at
            for at in range(first - first % _PAGES, min(last + 1, len(content)), _PAGES)
            if content[at : at + _PAGES] != old[at : at + _PAGES]
        ]
        begin = int(asked.query.get("marker") or 0)
        rows = "".join(_range(at, content) for at in starts[begin : begin + _RANGES])
        more = begin + _RANGES
        marker = f"<NextMarker>{more}</NextMarker>" if more < len(starts) else "<NextMarker/>"
        return f"<?xml version='1.0'?><PageList>{rows}{marker}</PageList>".encode()


_XML = {"Content-Type": "application/xml"}


def _range(at: int, content: bytes) -> str:
    """Pages that were emptied since the earlier snapshot are told as cleared."""
    kind = "PageRange" if content[at : at + _PAGES].strip(b"\0") else "ClearRange"
    return f"<{kind}><Start>{at}</Start><End>{min(at + _PAGES, len(content)) - 1}</End></{kind}>"


def _shouted(identity: str) -> str:
    parts = identity.split("/")
    parts[4] = parts[4].upper()
    return "/".join(parts)


def _error(status: int, code: str, message: str) -> Answered:
    return Answered({"error": {"code": code, "message": message}}, status)
