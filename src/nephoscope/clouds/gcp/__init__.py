"""Google Cloud: Cloud Asset Inventory for breadth, the services' own APIs for depth."""
