"""Expression functions: logs."""

from nephoscope.controls.functions.table import Function

FUNCTIONS: tuple[Function, ...] = ()
