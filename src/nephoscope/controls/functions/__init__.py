"""Every function that a control expression may call."""

from nephoscope.controls.functions import gcp_logs, logs, network, policies

FUNCTIONS = (*policies.FUNCTIONS, *network.FUNCTIONS, *logs.FUNCTIONS, *gcp_logs.FUNCTIONS)
