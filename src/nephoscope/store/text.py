"""Text that both databases take: PostgreSQL knows no NUL, and neither knows half a surrogate pair."""


def storable(value: str) -> str:
    """The text with what cannot be stored replaced by U+FFFD. What clouds say is stored through this."""
    if "\0" not in value and value.isascii():
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def is_storable(value: str) -> bool:
    """False for what no row can hold, so that a filter for it finds nothing instead of failing."""
    return storable(value) == value
