"""What the kinds of exports are called: light, for whoever only lists them."""

NAMES = ("aws-config", "azure-resource-graph", "gcp-assets", "terraform-state")
