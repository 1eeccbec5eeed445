"""Control expressions, compiled once: CEL in the reference implementation, with a hard iteration budget.

Nothing in an expression can reach Python beyond the functions of `controls.functions`. Errors come back as values
(a missing key, a comparison with null) and are told apart from answers here, so that they become UNKNOWN.
"""

import itertools
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from nephoscope.controls.functions import FUNCTIONS
from nephoscope.controls.functions.table import Argument, Function
from nephoscope.errors import CatalogueError
from nephoscope.model.resources import Document

_KINDS = {
    Argument.ANY: ("MAP", "LIST", "STRING", "NULL", "INT", "BOOL", "DOUBLE"),
    Argument.STRING: ("STRING",),
    Argument.LIST: ("LIST",),
    Argument.INTEGER: ("INT",),
}

GAVE_UP = "the expression was stopped after 10,000 iterations"


class Activation:
    """The variables of one evaluation, converted once and shared by every expression over the same document."""

    __slots__ = ("native",)

    def __init__(
        self,
        resource: Document,
        now: datetime,
        related: Mapping[str, list[Document]],
        params: Mapping[str, Any],
    ) -> None:
        self.native = _environment().Activation(
            {"resource": resource, "related": related, "params": params, "now": now}
        )


class Expression:
    """One compiled expression. `text` is kept for messages."""

    __slots__ = ("_eval", "text")

    def __init__(self, text: str) -> None:
        """CatalogueError with the compiler's words when the text is not CEL or uses an unknown name."""
        self.text = text
        try:
            self._eval = _environment().compile(text).eval
        except RuntimeError as error:
            raise CatalogueError(_first_line(str(error))) from error

    def evaluate(self, activation: Activation) -> bool | str:
        """The answer, or a text that says why there is none."""
        try:
            value = self._eval(activation.native).value()
        except RuntimeError as error:
            return GAVE_UP if "Iteration budget" in str(error) else _first_line(str(error))
        if value is True or value is False:
            return value
        return value if isinstance(value, str) else f"the expression answers {type(value).__name__}, not true or false"


@cache
def _environment() -> Any:
    from cel_expr_python import cel  # noqa: PLC0415 - who only lists controls does without

    return cel.NewEnv(
        variables={
            "resource": cel.Type.DYN,
            "related": cel.Type.DYN,
            "params": cel.Type.DYN,
            "now": cel.Type.TIMESTAMP,
        },
        functions=[_declaration(cel, function) for function in FUNCTIONS],
    )


def _declaration(cel: Any, function: Function) -> Any:
    """One overload for each combination of kinds: the runtime matches kinds exactly, even those declared dynamic.

    The runtime makes Python values of the arguments of every call and never frees them, a kilobyte or so each time.
    They must not be freed, or emptied, from here: it counts a null inside of them too low, and the process would
    end when that is made up for. Passes over many resources are carried by processes that end (`evaluation.apart`).
    """
    overloads = [
        cel.Overload(
            f"{function.name}_{'_'.join(kinds).lower()}",
            getattr(cel.Type, function.returns.upper()),
            [getattr(cel.Type, kind) for kind in kinds],
            False,  # noqa: FBT003 - the binding takes it by position
            function.call,
        )
        for kinds in itertools.product(*(_KINDS[argument] for argument in function.arguments))
    ]
    return cel.FunctionDecl(function.name, overloads)


def _first_line(message: str) -> str:
    return message.partition("\n")[0].strip()
