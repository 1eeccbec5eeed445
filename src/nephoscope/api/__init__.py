"""The HTTP door: the wire of CloudView / TotalCloud over the use cases, without a rule of its own."""
