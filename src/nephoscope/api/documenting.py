"""Words of the OpenAPI page that several routes share: parameters, bodies, and what a refusal looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from nephoscope.api.wire import listing
from nephoscope.api.wire.errors import ErrorBody

_PAGE = Parameter(
    name=listing.PAGE_NUMBER,
    param_in="query",
    description="The page, counted from 0. Parameter names are accepted in any case.",
    schema=Schema(type=OpenAPIType.INTEGER, default=0),
)
_SORT = Parameter(
    name=listing.SORT,
    param_in="query",
    description="A token and a direction: `lastSyncedOn:desc`.",
    schema=Schema(type=OpenAPIType.STRING),
)


def page_parameters(default: int, limit: int = listing.USUAL_LIMIT) -> tuple[Parameter, ...]:
    size = Parameter(
        name=listing.PAGE_SIZE,
        param_in="query",
        description=f"Rows per page; {default} when not given, {limit:,} at most (more is cut without an error).",
        schema=Schema(type=OpenAPIType.INTEGER, default=default),
    )
    return (_PAGE, size)


def list_parameters(default: int, example: str) -> tuple[Parameter, ...]:
    query = Parameter(
        name=listing.FILTER,
        param_in="query",
        description="`token:value`, joined by `and`; dates also as `token:[now-8h..now]`. Values match in any case.",
        schema=Schema(type=OpenAPIType.STRING),
        example=example,
    )
    return (*page_parameters(default), query, _SORT)


def text_parameter(name: str, description: str) -> Parameter:
    return Parameter(name=name, param_in="query", description=description, schema=Schema(type=OpenAPIType.STRING))


def described(
    parameters: Sequence[Parameter] = (),
    body: Any = None,
    body_description: str | None = None,
    *,
    form: Mapping[str, str] | None = None,
    files: Sequence[str] = (),
    also: Sequence[str] = (),
) -> type[Operation]:
    """What Litestar cannot see: handlers read query and body themselves. `body` is an example, `form` the fields of one
    that is no JSON, with their examples. `files` are the media types of an answer that is no JSON, `also` those that it
    has when somebody asks for them."""

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or ()), *parameters] or None
            self.request_body = _body(body, body_description) if body is not None else None
            if form is not None:
                self.request_body = _form(form)
            for status, answer in (self.responses or {}).items():
                if status.startswith("2") and isinstance(answer, OpenAPIResponse) and (files or also):
                    kept = {} if files else dict(answer.content or {})
                    answer.content = kept | {kind: _file(kind) for kind in (*files, *also)}

    return Described


def _form(fields: Mapping[str, str]) -> RequestBody:
    schema = Schema(type=OpenAPIType.OBJECT, properties=dict.fromkeys(fields, _TEXT))
    return RequestBody(content={"application/x-www-form-urlencoded": OpenAPIMediaType(schema=schema, example=fields)})


def _file(kind: str) -> OpenAPIMediaType:
    """What is in it is not said here; of JSON not even that it is a text."""
    return OpenAPIMediaType(schema=Schema() if kind.endswith("json") else _TEXT)


_TEXT = Schema(type=OpenAPIType.STRING)


def _body(example: Any, description: str | None) -> RequestBody:
    schema = Schema(type=OpenAPIType.ARRAY if isinstance(example, list) else OpenAPIType.OBJECT)
    return RequestBody(
        content={"application/json": OpenAPIMediaType(schema=schema, example=example)},
        description=description,
        required=True,
    )


def complete(document: dict[str, Any]) -> None:
    """Whatever is asked may be refused: with one body, and not with the framework's."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    refusal = {"description": "Refused: the status says why, the message names every wrong part.", "content": content}
    for item in document["paths"].values():
        for operation in (item[verb] for verb in _VERBS if verb in item):
            told = operation.get("responses", {})
            ours = {code: one | {"content": content} for code, one in told.items() if code in _REFUSED}
            kept = {code: one for code, one in told.items() if not code.startswith("4")}
            operation["responses"] = {**kept, **ours, "default": refusal}


def header_parameter(name: str, description: str) -> Parameter:
    return Parameter(name=name, param_in="header", description=description, schema=Schema(type=OpenAPIType.STRING))


def answers(container: Any, description: str, *, status: int = 200) -> dict[int, ResponseSpec]:
    """The success, and the refusals that any route can give."""
    return {
        status: ResponseSpec(container, description=description, generate_examples=False),
        **{
            code: ResponseSpec(ErrorBody, description=words, generate_examples=False)
            for code, words in _REFUSALS.items()
        },
    }


_REFUSALS = {
    400: "Something in the request is wrong; the message names every wrong part.",
    401: "Credentials are missing or wrong.",
    404: "There is no such thing.",
}
_REFUSED = frozenset(map(str, _REFUSALS))
_VERBS = ("get", "put", "post", "delete", "patch")
