"""Writing an answer, or a refusal, in the protocol of the service that was asked."""

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from nephoscope.simulation.aws.asking import Asked


class Answer(msgspec.Struct, frozen=True):
    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class RefusalError(Exception):
    """What the cloud would say no with. Private to the simulation: it never leaves the process as an exception."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def answer(asked: Asked, result: Mapping[str, Any]) -> Answer:
    """`result` in the spelling of the wire: camelCase for EC2, as the model says elsewhere."""
    if asked.protocol in ("json", "rest-json"):
        return Answer(200, "application/json", json.dumps(result).encode())
    inner = _xml(result, "member" if asked.protocol == "query" else "item")
    if asked.protocol == "query":
        inner = f"<{asked.operation}Result>{inner}</{asked.operation}Result>"
    return Answer(200, "text/xml", f"<{asked.operation}Response>{inner}</{asked.operation}Response>".encode())


def refuse(asked: Asked, refusal: RefusalError) -> Answer:
    if asked.protocol in ("json", "rest-json"):
        body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
        return Answer(refusal.status, "application/json", body, (("x-amzn-errortype", refusal.code),))
    error = f"<Code>{escape(refusal.code)}</Code><Message>{escape(refusal.message)}</Message>"
    shape = {
        "ec2": "<Response><Errors><Error>{}</Error></Errors><RequestID>0</RequestID></Response>",
        "rest-xml": "<Error>{}<RequestId>0</RequestId></Error>",
    }.get(asked.protocol, "<ErrorResponse><Error>{}</Error><RequestId>0</RequestId></ErrorResponse>")
    if asked.service == "s3control":
        shape = "<ErrorResponse><Error>{}</Error><RequestId>0</RequestId></ErrorResponse>"
    return Answer(refusal.status, "text/xml", shape.format(error).encode())


def _xml(value: Any, item: str) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{key}>{_xml(inner, item)}</{key}>" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "".join(f"<{item}>{_xml(inner, item)}</{item}>" for inner in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))
