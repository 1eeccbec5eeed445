"""Tags and the standing rules that put them on resources; who wears which tag."""
