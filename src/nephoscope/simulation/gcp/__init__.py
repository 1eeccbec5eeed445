"""A simulated Google Cloud: sign-in, Cloud Asset Inventory and the services' own APIs, with an estate in it."""
