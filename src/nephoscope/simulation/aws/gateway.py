"""The layer in front of moto: what the simulation answers itself, what it disturbs, and moto for everything else.

moto is asked by one request at a time: its models are plain dictionaries, and under one lock a parallel client sees
what it would see in turn. Before each call its random source is seeded with the service, the region and the number of
the call there, so the same calls make the same ids whatever happens beside them.
"""

import io
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zlib import crc32

import msgspec
from flask import Flask
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.config import default_user_config
from moto.iam.models import get_account_id_from, iam_backends
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.utilities.utils import PARTITION_NAMES

from nephoscope.simulation.aws.answering import Answer, RefusalError, answer, refuse
from nephoscope.simulation.aws.asking import Asked, Request, understand
from nephoscope.simulation.aws.facts import BlockConditions, Conditions, Disturbance, Fact, Fault, VolumeImage
from nephoscope.simulation.aws.patches import open_patches
from nephoscope.simulation.aws.patches.ebs import EbsBlocks
from nephoscope.simulation.aws.patches.iam import IamFacts
from nephoscope.simulation.aws.patches.types import Call

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

OWN_PATH = "/_simulation"


class SilenceError(Exception):
    """The connection is to be closed without an answer. Private to the simulation."""


class Gateway:
    """A WSGI application. One per process: moto's models are global, and opening a gateway empties them."""

    def __init__(self) -> None:
        moto_api_backend.reset()
        _open_iam()
        self._moto = DomainDispatcherApplication(_quiet_backend)
        self._lock = threading.Lock()
        self._conditions = Conditions()
        self._blocks = EbsBlocks()
        self._patches = {**open_patches(), **self._blocks.operations()}
        self._iam: defaultdict[str, IamFacts] = _IamByAccount()
        self._counts: Counter[str] = Counter()
        self._turns: Counter[tuple[str, str]] = Counter()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = _read(environ)
        is_own = request.path.startswith(OWN_PATH)
        given = self._own(request) if is_own else self._cloud(request, environ)
        start_response(f"{given.status} {_reason(given.status)}", _headers(given))
        return [given.body]

    def _own(self, request: Request) -> Answer:
        """PUT a fact, GET the number of calls per operation since the last DELETE."""
        if request.method == "PUT":
            self._tell(msgspec.json.decode(request.body, type=Fact))
        elif request.method == "DELETE":
            self._counts.clear()
        return Answer(200, "application/json", msgspec.json.encode(dict(self._counts)))

    def _tell(self, fact: Fact) -> None:
        if isinstance(fact, Conditions):
            self._conditions = fact
            return
        with self._lock:
            if isinstance(fact, VolumeImage | BlockConditions):
                self._blocks.tell(fact)
            else:
                self._iam[DEFAULT_ACCOUNT_ID].tell(fact)

    def _cloud(self, request: Request, environ: Environ) -> Answer:
        conditions = self._conditions
        if conditions.latency:
            time.sleep(conditions.latency)
        asked = understand(request)
        if asked is None:
            return self._ask_moto(environ, ("", ""))
        self._counts[f"{asked.service}.{asked.operation}"] += 1
        fault = next((row for row in conditions.faults if _matches(row, asked)), None)
        if fault is not None:
            return _disturb(asked, fault, conditions.silence)
        return self._answer(asked, environ)

    def _answer(self, asked: Asked, environ: Environ) -> Answer:
        patch = self._patches.get((asked.service, asked.operation))
        if patch is not None:
            with self._lock:
                call = Call(get_account_id_from(asked.access_key), asked.region, asked.arguments)
                try:
                    given = patch(call)
                    return given if isinstance(given, Answer) else answer(asked, given)
                except RefusalError as refusal:
                    return refuse(asked, refusal)
        given = self._ask_moto(environ, (asked.service, asked.region))
        if given.status == _UNIMPLEMENTED:
            return refuse(asked, RefusalError("NotImplemented", "The simulation does not know this call.", 501))
        if asked.service == "iam" and given.status == _OK:
            return self._rewrite(asked, given)
        return given

    def _rewrite(self, asked: Asked, given: Answer) -> Answer:
        rewrite = self._iam[get_account_id_from(asked.access_key)].rewrites().get(asked.operation)
        if rewrite is None:
            return given
        return msgspec.structs.replace(given, body=rewrite(given.body.decode()).encode())

    def _ask_moto(self, environ: Environ, place: tuple[str, str]) -> Answer:
        status = _UNIMPLEMENTED
        headers: list[tuple[str, str]] = []

        def keep(line: str, pairs: list[tuple[str, str]], _error: object = None) -> None:
            nonlocal status, headers
            status, headers = int(line.partition(" ")[0]), pairs

        with self._lock:
            self._turns[place] += 1
            mock_random.seed(crc32(f"{place}{self._turns[place]}".encode()))
            body = b"".join(self._moto(environ, keep))
        content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
        others = tuple(pair for pair in headers if pair[0].lower() not in ("content-type", "content-length"))
        return Answer(status, content_type, body, others)


_OK = 200
_UNIMPLEMENTED = 501


class _IamByAccount(defaultdict[str, IamFacts]):
    def __missing__(self, account_id: str) -> IamFacts:
        self[account_id] = IamFacts(account_id)
        return self[account_id]


def _open_iam() -> None:
    """The IAM of every partition now: moto would make it, and draw its ids, within the first call of some service.
    Only the first partition gets AWS's own policies; for all of them that takes seconds."""
    account = iam_backends[DEFAULT_ACCOUNT_ID]
    for partition in reversed(PARTITION_NAMES):
        default_user_config["iam"]["load_aws_managed_policies"] = partition == "aws"
        account[partition].get_all_access_keys_for_all_users()


def _quiet_backend(service: Any) -> Flask:
    """The application of moto for a service, which turns a gap into 501 and a crash into 500 instead of a traceback."""
    application: Flask = create_backend_app(service)
    application.debug = False
    application.config["PROPAGATE_EXCEPTIONS"] = False
    application.logger.setLevel(logging.CRITICAL + 1)
    application.register_error_handler(NotImplementedError, lambda _error: ("", _UNIMPLEMENTED))
    application.register_error_handler(404, lambda _error: ("", _UNIMPLEMENTED))
    return application


def _read(environ: Environ) -> Request:
    """The request with its body, which the environment then holds again for moto."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    chunked = environ.get("wsgi.input_terminated", False)
    body = environ["wsgi.input"].read() if chunked and not length else environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    return Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""), headers, body)


def _headers(given: Answer) -> list[tuple[str, str]]:
    typed = [("Content-Type", given.content_type)] if given.content_type else []
    return [*typed, ("Content-Length", str(len(given.body))), *given.headers]


def _reason(status: int) -> str:
    return "OK" if status < 400 else "No"  # noqa: PLR2004 - where HTTP's refusals begin


def _matches(fault: Fault, asked: Asked) -> bool:
    return (
        fault.service in ("", asked.service)
        and fault.operation in ("", asked.operation)
        and fault.region in ("", asked.region)
    )


def _disturb(asked: Asked, fault: Fault, silence: float) -> Answer:
    if fault.kind is Disturbance.SILENT:
        time.sleep(silence)
        raise SilenceError
    return refuse(asked, _REFUSALS[fault.kind](asked))


def _denied(asked: Asked) -> RefusalError:
    code = {"ec2": "UnauthorizedOperation", "json": "AccessDeniedException", "rest-json": "AccessDeniedException"}
    message = (
        f"User: arn:aws:iam::123456789012:user/scanner is not authorized to perform: {asked.service}:{asked.operation}"
    )
    return RefusalError(code.get(asked.protocol, "AccessDenied"), message, 403)


def _throttled(asked: Asked) -> RefusalError:
    code = {"ec2": "RequestLimitExceeded", "rest-xml": "SlowDown", "query": "Throttling"}
    return RefusalError(code.get(asked.protocol, "ThrottlingException"), "Rate exceeded", 429)


_REFUSALS: Mapping[Disturbance, Callable[[Asked], RefusalError]] = {
    Disturbance.DENIED: _denied,
    Disturbance.THROTTLED: _throttled,
    Disturbance.FAILED: lambda _asked: RefusalError("InternalError", "An internal error has occurred.", 500),
    Disturbance.UNIMPLEMENTED: lambda _asked: RefusalError("NotImplemented", "The simulation was told so.", 501),
}
