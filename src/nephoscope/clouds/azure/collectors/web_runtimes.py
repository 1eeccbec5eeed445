"""Which languages an app of App Service runs, out of the several places where Azure writes that."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STACKS = {
    "python": "python",
    "node": "node",
    "php": "php",
    "java": "java",
    "tomcat": "java",
    "jbosseap": "java",
    "dotnet": "dotnet",
    "dotnetcore": "dotnet",
    "dotnet-isolated": "dotnet",
    "powershell": "powershell",
    "ruby": "ruby",
    "docker": "container",
    "compose": "container",
    "kube": "container",
    "sitecontainers": "container",
}
_NUMBERS = re.compile(r"[v~]?(\d{1,4})(?:\.(\d{1,4}))?")
_JAVA = re.compile(r"(?:java|jre)(\d{1,3})(?!\d)")
"""Servers of Java have versions of their own: `TOMCAT|10.1-java21`."""
_ON_WINDOWS = (("java", "javaVersion"), ("php", "phpVersion"), ("python", "pythonVersion"), ("node", "nodeVersion"))
_OFF = frozenset({"", "off"})

Row = Mapping[str, Any]


def runtimes_of(site: Row, settings: Row, *, is_function: bool) -> list[dict[str, Any]]:
    """`stack`, `version` as Azure writes it, `major` and `minor` as numbers, of each language that is switched on.
    `site` are the properties of the app, `settings` those of its configuration."""
    return [_row(stack, version) for stack, version in _found(site, settings, is_function=is_function)]


def image_of(settings: Row) -> str | None:
    """The image of a container, as it is pulled."""
    stack, _, rest = _fx(settings).partition("|")
    return rest if stack.lower() == "docker" and rest else None


def _fx(settings: Row) -> str:
    return str(settings.get("linuxFxVersion") or settings.get("windowsFxVersion") or "")


def _found(site: Row, settings: Row, *, is_function: bool) -> Iterator[tuple[str, str]]:
    flexible = (site.get("functionAppConfig") or {}).get("runtime") or {}
    if flexible.get("name"):
        yield _stack(flexible["name"]), str(flexible.get("version") or "")
        return
    name, _, version = _fx(settings).partition("|")
    if name:
        yield _stack(name), version
        return
    several = [*_ON_WINDOWS, ("powershell", "powerShellVersion")]
    told = [(stack, str(settings.get(key) or "")) for stack, key in several]
    on = [(stack, version) for stack, version in told if version.lower() not in _OFF]
    yield from on
    framework = str(settings.get("netFrameworkVersion") or "")
    if framework and not on and not is_function:  # functions of any language have it on Windows
        yield "dotnet", framework


def _stack(name: str) -> str:
    return _STACKS.get(name.lower(), name.lower())


def _row(stack: str, version: str) -> dict[str, Any]:
    major, minor = (None, None) if stack == "container" else _numbers(stack, version)
    return {"stack": stack, "version": None if stack == "container" else version, "major": major, "minor": minor}


def _numbers(stack: str, version: str) -> tuple[int | None, int | None]:
    java = _JAVA.search(version) if stack == "java" else None
    if java:
        return int(java.group(1)), 0
    found = _NUMBERS.match(version)
    if not found:
        return None, None
    major, minor = int(found.group(1)), int(found.group(2) or 0)
    return (minor, 0) if stack == "java" and major == 1 else (major, minor)
