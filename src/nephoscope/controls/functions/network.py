"""Expression functions: network."""

from nephoscope.controls.functions.table import Function

FUNCTIONS: tuple[Function, ...] = ()
