"""A simulated Azure: sign-in, Resource Manager, Resource Graph and Microsoft Graph, with an estate in it."""
