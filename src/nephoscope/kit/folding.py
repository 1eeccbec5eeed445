"""Text without regard to case, the same in Python, SQLite and PostgreSQL: only A to Z have a case.

SQLite's own lower() knows no more, and what PostgreSQL knows depends on how the server was set up.
"""

from string import ascii_lowercase, ascii_uppercase

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold(text: str) -> str:
    return text.translate(_LOWER)
