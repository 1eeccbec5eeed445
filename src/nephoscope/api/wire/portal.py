"""What the portal's own paths answer: who we are, and the counters of its rate limits (contract §§0 and 5)."""

from xml.sax.saxutils import escape

PLENTY = 1_000_000
"""No limits are enforced. A small `Remaining` would make a well-known client sleep for an hour."""

LIMIT_HEADERS: tuple[tuple[str, str], ...] = (
    ("X-RateLimit-Limit", str(PLENTY)),
    ("X-RateLimit-Window-Sec", "60"),
    ("X-RateLimit-Remaining", str(PLENTY)),
    ("X-RateLimit-ToWait-Sec", "0"),
    ("X-Concurrency-Limit-Limit", "1000"),
    ("X-Concurrency-Limit-Running", "0"),
)


def counted_headers(*, limit: int, remaining: int, concurrency: int, running: int) -> tuple[tuple[str, str], ...]:
    """The six headers of an answer to an identity that is counted; 0 is no limit. A success never says that nothing
    remains: a well-known client would send the request again and then sleep."""
    return (
        ("X-RateLimit-Limit", str(limit or PLENTY)),
        ("X-RateLimit-Window-Sec", "60"),
        ("X-RateLimit-Remaining", str(max(1, remaining) if limit else PLENTY)),
        ("X-RateLimit-ToWait-Sec", "0"),
        ("X-Concurrency-Limit-Limit", str(concurrency or 1000)),
        ("X-Concurrency-Limit-Running", str(running)),
    )


def refusal_headers(wait_seconds: int) -> dict[str, str]:
    """What an answer 429 says of itself, in place of the usual counters (contract §5)."""
    return {
        "Retry-After": str(wait_seconds),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-ToWait-Sec": str(wait_seconds),
    }


def about(version: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        "<ABOUT>\n"
        "<PRODUCT>nephoscope</PRODUCT>\n"
        f"<VERSION>{escape(version)}</VERSION>\n"
        "</ABOUT>\n"
    ).encode()
