"""(c) Regular expressions over 1,000,000 resource ids: selective, one in a hundred, catastrophic."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from bench.measure import Row, seconds
from nephoscope.evaluation.masks import Matcher

IDS = 1_000_000
PATTERNS = {
    "selective": r".*:instance/i-00000000000000abc-.*",
    "1 %": r".*-payments-.*7\d",
    "catastrophic (a+)+$": r"(a+)+$",
    "catastrophic (.*a){12}x": r"(.*a){12}x",
}


def run() -> list[Row]:
    ids = pa.array([f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{n:017x}-{_word(n)}-{n % 100}" for n in range(IDS)])
    matcher = Matcher()
    plain = seconds(lambda: matcher.mask(ids, ".*-web-.*"), repeat=3)
    rows = []
    for name, pattern in PATTERNS.items():
        took = seconds(partial(matcher.mask, ids, pattern), repeat=3)
        hits = pc.sum(matcher.mask(ids, pattern)).as_py()
        label = f"regex over {IDS:,} ids: {name} ({hits:,} hits)"
        rows.append(Row(label, took * 1000, "ms", plain * 1000, "a plain pattern", "make bench ONLY=regex"))
    return rows


def _word(number: int) -> str:
    return ("payments", "web", "data", "aaaaaaaaaaaaaaaa")[number % 4]
