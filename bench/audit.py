"""Whether anything is known against what is locked: `python -m bench.audit PIP_AUDIT LOCK`.

pip-audit says that nothing is known also of what it could not look up. Exit code 1: something is known. 2: not
everything was looked up, and it is said of what."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_SHOWN = 5
CLEAN, KNOWN, UNSEEN = 0, 1, 2


def verdict(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The exit code and what to say, of pip-audit's JSON."""
    rows = report["dependencies"]
    known = [row for row in rows if row.get("vulns")]
    unseen = [row for row in rows if "skip_reason" in row]
    lines = [f"{len(rows)} packages, {len(rows) - len(unseen)} of them looked up."]
    lines += [line for row in known for line in _told(row)]
    if unseen:
        names = ", ".join(row["name"] for row in unseen[:_SHOWN]) + (", …" if len(unseen) > _SHOWN else "")
        lines.append(f"Nothing was looked up of {len(unseen)} of {len(rows)}: {names}. {_reason(unseen)}")
    return KNOWN if known else UNSEEN if unseen else CLEAN, lines


def _told(row: Mapping[str, Any]) -> Iterator[str]:
    for one in row["vulns"]:
        fixed = ", ".join(one.get("fix_versions") or ()) or "nothing yet"
        names = ", ".join([one["id"], *one.get("aliases", ())])
        yield f"{row['name']} {row['version']}: {names}; fixed in {fixed}."


def _reason(rows: list[Mapping[str, Any]]) -> str:
    """The one that most have, without the package."""
    ((reason, _),) = Counter(row["skip_reason"].partition(":")[0] for row in rows).most_common(1)
    return f"pip-audit says: {reason}."


def main(program: str, lock: str) -> int:
    arguments = [program, "--requirement", lock, "--require-hashes", "--disable-pip", "--format", "json"]
    done = subprocess.run([*arguments, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    try:
        code, lines = verdict(msgspec.json.decode(done.stdout))
    except (msgspec.DecodeError, KeyError):
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        code, lines = UNSEEN, [f"Known vulnerabilities were not looked up: {said[-1][:300]}"]
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
