"""The nouns of the API, frozen, without I/O."""
