"""CSAF 2.0 of Red Hat: VEX (one document per CVE) and advisories (one per erratum).

Products are named by an id made of a platform and a package. Platforms that cost extra (EUS, AUS, …) are left out:
their versions say nothing about the plain release.
"""

import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import msgspec
from packageurl import PackageURL

from nephoscope.advisories import severity
from nephoscope.advisories.feeds.reading import cves, rows, table, text, texts, whole, wrong
from nephoscope.model.vulnerabilities import Advisory, Affected, Status

_PLATFORM = re.compile(r"cpe:/[ao]:redhat:enterprise_linux:(\d+)(?:[.:].*)?")
_PACKAGE = re.compile(r"(?P<name>.+?)-(?:(?P<epoch>\d+):)(?P<version>[^-]+)-(?P<release>[^-]+?)(?:\.(?P<arch>\w+))?")
_DEEPEST = 40
_STATUSES = {
    "known_affected": Status.AFFECTED,
    "under_investigation": Status.UNDER_INVESTIGATION,
    "known_not_affected": Status.NOT_AFFECTED,
    "fixed": Status.FIXED,
}
"""The worst first: a package that two lists name (one of the platforms is fixed) keeps every statement."""


class _Product(NamedTuple):
    platform: str
    """Its major release; empty for other products."""
    package: str


def read(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    content = whole(stream, name)
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(name, f"no JSON ({error})") from None
    head = table(table(document).get("document"))
    own = text(table(head.get("tracking")).get("id"))
    if not own:
        raise wrong(name, "a CSAF document has document.tracking.id, and this has none")
    yield from _advisories(table(document), head, own)


def _advisories(document: dict[str, Any], head: dict[str, Any], own: str) -> Iterator[Advisory]:
    """An erratum about several CVEs stays one."""
    products, modules = _products(table(document.get("product_tree")))
    found = rows(document.get("vulnerabilities"))
    affected = [one for row in found for one in _affected(row, products, modules)]
    word = severity.of_word(text(table(head.get("aggregate_severity")).get("text")))
    yield Advisory(
        id=own,
        source="redhat",
        severity=word or max((_severity(row) for row in found), default=severity.UNKNOWN),
        title=text(head.get("title")),
        cves=cves(*(text(row.get("cve")) for row in found)),
        published=text(table(head.get("tracking")).get("initial_release_date"))[:20],
        affected=tuple(dict.fromkeys(affected)),
    )


def _severity(row: dict[str, Any]) -> int:
    vectors = [text(table(one.get("cvss_v3")).get("vectorString")) for one in rows(row.get("scores"))]
    words = [text(one.get("details")) for one in rows(row.get("threats")) if one.get("category") == "impact"]
    return max(map(severity.of_word, words), default=0) or max(map(severity.of_vector, vectors), default=0)


def _products(tree: dict[str, Any]) -> tuple[dict[str, _Product], dict[str, str]]:
    """Every product id that stands for a package on a platform; and the module of those that have one."""
    platforms: dict[str, str] = {}
    modules: dict[str, str] = {}
    for product in _leaves(rows(tree.get("branches")), 0):
        own, helper = text(product.get("product_id")), table(product.get("product_identification_helper"))
        platform = _PLATFORM.fullmatch(text(helper.get("cpe")))
        if platform:
            platforms[own] = platform[1]
        if text(helper.get("purl")).startswith("pkg:rpmmod/"):
            modules[own] = _module(text(helper.get("purl")))
    found = {own: _Product(platform, "") for own, platform in platforms.items()}
    inside: dict[str, str] = {}
    for row in rows(tree.get("relationships")):
        own = text(table(row.get("full_product_name")).get("product_id"))
        what, where = text(row.get("product_reference")), text(row.get("relates_to_product_reference"))
        if where in found and own:
            found[own] = _Product(found[where].platform, "" if what in modules else what)
            module = modules.get(what) or inside.get(where, "")
            if module:
                inside[own] = module
    return found, inside


def _module(purl: str) -> str:
    """`pkg:rpmmod/redhat/nodejs@18:8090…` → `nodejs:18`."""
    try:
        found = PackageURL.from_string(purl)
    except ValueError:
        return ""
    return f"{found.name}:{(found.version or '').partition(':')[0]}"


def _leaves(branches: list[dict[str, Any]], depth: int) -> Iterator[dict[str, Any]]:
    for branch in branches:
        if isinstance(branch.get("product"), dict):
            yield branch["product"]
        if depth < _DEEPEST:
            yield from _leaves(rows(branch.get("branches")), depth + 1)


def _affected(row: dict[str, Any], products: dict[str, _Product], modules: dict[str, str]) -> Iterator[Affected]:
    left = _left_alone(row)
    listed = table(row.get("product_status"))
    for key, status in _STATUSES.items():
        for own in texts(listed.get(key)):
            product = products.get(own)
            if product is not None and product.package:
                said = left.get(own, status) if status is Status.AFFECTED else status
                yield from _statement(product, said, modules.get(own, ""))


def _left_alone(row: dict[str, Any]) -> dict[str, Status]:
    """Products for which a remedy is not meant to come."""
    found: dict[str, Status] = {}
    for remedy in rows(row.get("remediations")):
        is_over = "support scope" in text(remedy.get("details")).lower()
        if remedy.get("category") == "no_fix_planned":
            status = Status.END_OF_LIFE if is_over else Status.WILL_NOT_FIX
            found |= dict.fromkeys(texts(remedy.get("product_ids")), status)
    return found


def _statement(product: _Product, status: Status, module: str) -> Iterator[Affected]:
    """A package with a version is a built one; without it is a source package, `nodejs:18/nodejs` in a module."""
    ecosystem = f"Red Hat:{product.platform}"
    built = _PACKAGE.fullmatch(product.package)
    if built is None:
        stream, _, name = product.package.rpartition("/")
        yield Affected(
            ecosystem=ecosystem,
            package=name,
            status=status,
            is_source=True,
            module=module or (stream if ":" in stream else ""),
        )
    elif status is Status.FIXED and built["arch"] != "src":
        epoch = f"{built['epoch']}:" if built["epoch"] != "0" else ""
        fixed = f"{epoch}{built['version']}-{built['release']}"
        yield Affected(ecosystem=ecosystem, package=built["name"], status=status, fixed=fixed, module=module)
