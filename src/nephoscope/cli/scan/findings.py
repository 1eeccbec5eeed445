"""Every evaluation of a scan with what there is to say about it, some thousand at a time."""

from collections.abc import Iterator

from nephoscope.cli.scan.scanning import Scanned
from nephoscope.evaluation.evidence import AccountEvidence
from nephoscope.kit.pages import PageRequest
from nephoscope.model.controls import Control
from nephoscope.reports.exports.finding import Finding
from nephoscope.store import evaluations, resources

__all__ = ["Finding", "benchmark_ids", "findings"]

_PAGE = 5_000


def findings(scanned: Scanned) -> Iterator[Finding]:
    """By resource, then by cid."""
    known = scanned.catalogue.controls
    benchmarks = {cid: benchmark_ids(scanned, control) for cid, control in known.items()}
    with scanned.store.read() as reader:
        evidence = AccountEvidence(reader, scanned.connector, known.values())
    number, total = 0, 1
    while number * _PAGE < total:
        with scanned.store.read() as reader:
            page = evaluations.page(reader, scanned.connector.key, None, (), PageRequest(number, _PAGE))
            documents = resources.documents(reader, sorted({row.resource.key for row in page.rows}))
        number, total = number + 1, page.total
        for row in page.rows:
            control = known.get(row.cid)
            if control is None:
                continue
            stored = documents[row.resource.key]
            yield Finding(
                control=control,
                row=row,
                account_id=scanned.connector.account_id,
                region=str(stored.document.get("region") or row.resource.region),
                benchmarks=benchmarks[row.cid],
                evidence=evidence.of(control, row.resource, stored),
            )


def benchmark_ids(scanned: Scanned, control: Control) -> tuple[str, ...]:
    """The control's recommendations, newest benchmark first, of the benchmarks that were asked for."""
    frameworks = [policy.framework for policy in scanned.catalogue.policies if policy.framework in control.benchmarks]
    return tuple(f"{framework}:{control.benchmarks[framework]}" for framework in frameworks)
