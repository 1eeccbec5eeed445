"""How bad, from 1 to 5: the vendor's word where there is one, else the CVSS score, else unknown (0).

| severity | the vendor says            | CVSS      |
|----------|----------------------------|-----------|
| 5        | critical                   | 9.0 –     |
| 4        | important, high            | 7.0 – 8.9 |
| 3        | moderate, medium           | 4.0 – 6.9 |
| 2        | low                        | 0.1 – 3.9 |
| 1        | negligible, unimportant, … | 0         |

What is known to be exploited is 5; what nobody has judged counts as 3 when it is shown.
"""

import math
import re

UNKNOWN = 0
ASSUMED = 3
WORST = 5
_WORDS = {
    "critical": 5,
    "important": 4,
    "high": 4,
    "moderate": 3,
    "medium": 3,
    "low": 2,
    "low**": 2,
    "negligible": 1,
    "unimportant": 1,
    "minor": 1,
    "none": 1,
}
_STEPS = ((9.0, 5), (7.0, 4), (4.0, 3), (0.1, 2))
_VECTOR = re.compile(r"CVSS:(3\.[01]|4\.0)/((?:[A-Za-z]{1,3}:[A-Za-z]{1,8}/?){1,40})")
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}
_V3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": _IMPACT,
    "I": _IMPACT,
    "A": _IMPACT,
}
_PRIVILEGES = {False: {"N": 0.85, "L": 0.62, "H": 0.27}, True: {"N": 0.85, "L": 0.68, "H": 0.5}}
"""By whether the scope changes."""


def of_word(word: str) -> int:
    return _WORDS.get(word.strip().lower(), UNKNOWN)


def of_score(score: float) -> int:
    return next((severity for least, severity in _STEPS if score >= least), 1)


def of_vector(text: str) -> int:
    """Unknown for what is no vector of CVSS 3 or 4."""
    vector = _VECTOR.fullmatch(text.strip().rstrip("/"))
    if vector is None:
        return UNKNOWN
    metrics = dict(part.split(":", 1) for part in vector[2].split("/") if part)
    try:
        return _of_v4(metrics) if vector[1] == "4.0" else of_score(base_score(metrics))
    except KeyError:
        return UNKNOWN


def base_score(metrics: dict[str, str]) -> float:
    """The base score of CVSS 3.1. KeyError for a metric that is missing or has an unknown value."""
    worth = {name: values[metrics[name]] for name, values in _V3.items()}
    is_changed = {"C": True, "U": False}[metrics["S"]]
    lost = 1 - (1 - worth["C"]) * (1 - worth["I"]) * (1 - worth["A"])
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if is_changed else 6.42 * lost
    ease = 8.22 * worth["AV"] * worth["AC"] * _PRIVILEGES[is_changed][metrics["PR"]] * worth["UI"]
    if impact <= 0:
        return 0.0
    return _up(min((impact + ease) * (1.08 if is_changed else 1.0), 10))


def _up(score: float) -> float:
    """To one decimal place, upwards; in whole numbers, because 8.6 is not 8.6 in binary."""
    scaled = round(score * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (math.floor(scaled / 10_000) + 1) / 10


def _of_v4(metrics: dict[str, str]) -> int:
    """Version 4 scores by a table of hundreds of cases; the severity alone follows well enough from how easy an attack
    is and how much is lost."""
    losses = [metrics[name] for name in ("VC", "VI", "VA", "SC", "SI", "SA")]
    if "H" not in losses:
        return 3 if "L" in losses else 1
    is_easy = metrics["AV"] == "N" and metrics["AC"] == "L" and metrics["AT"] == "N" and metrics["PR"] == "N"
    is_alone = metrics["UI"] == "N"
    if is_easy and is_alone and losses[:3].count("H") > 1:
        return 5
    return 4 if (is_easy or metrics["AV"] == "N" or losses[:3].count("H") > 1) and metrics["AV"] != "P" else 3
