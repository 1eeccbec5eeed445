"""Every function that a control expression may call."""

from nephoscope.controls.functions import azure_network, gcp_logs, logs, network, policies

FUNCTIONS = (*policies.FUNCTIONS, *azure_network.FUNCTIONS, *network.FUNCTIONS, *logs.FUNCTIONS, *gcp_logs.FUNCTIONS)
