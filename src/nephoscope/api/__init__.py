"""The HTTP door: the compatible API. Decodes at the edge, calls a use case, renders in `wire`."""
