"""Expression functions: policies."""

from nephoscope.controls.functions.table import Function

FUNCTIONS: tuple[Function, ...] = ()
