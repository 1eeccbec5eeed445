"""`python -m bench [--only NAME]`: runs the benchmarks, prints a table, writes build/bench.json.

Every figure stands beside a baseline measured in the same run; what matters is the ratio.
"""

import argparse
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench.measure import Row

MODULES = (
    "engine",
    "regex",
    "pages",
    "filters",
    "exceptions",
    "tags",
    "advisories",
    "reports",
    "stores",
    "identities",
    "imports",
    "secrets_search",
    "disks",
    "scan",
)


def main() -> None:
    chosen = _arguments().only
    rows: list[Row] = []
    for name in MODULES:
        if chosen and name not in chosen:
            continue
        run: Callable[[], list[Row]] = import_module(f"bench.{name}").run
        for row in run():
            rows.append(row)
            _show(row)
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([_record(row) for row in rows], indent=1) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MODULES, help="only these benchmarks")
    return parser.parse_args()


def _ratio(row: Row) -> float | None:
    return row.value / row.baseline if row.baseline else None


def _record(row: Row) -> dict[str, object]:
    return {**row._asdict(), "ratio": _ratio(row)}


def _show(row: Row) -> None:
    ratio = _ratio(row)
    beside = "" if ratio is None else f"{row.baseline:>14,.2f} {ratio:>8.2f}×  {row.baseline_name}"
    print(f"{row.name:<52} {row.value:>14,.2f} {row.unit:<14} {beside}", flush=True)


if __name__ == "__main__":
    main()
