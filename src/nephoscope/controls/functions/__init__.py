"""Every function that a control expression may call."""

from nephoscope.controls.functions import logs, network, policies

FUNCTIONS = (*policies.FUNCTIONS, *network.FUNCTIONS, *logs.FUNCTIONS)
