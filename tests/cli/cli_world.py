"""A small simulated account with good and bad in it, and ways to call the command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Protocol

import click

from nephoscope.app.doors import DOORS
from nephoscope.cli.progress import scan_progress
from nephoscope.cli.scan.scanning import Scanned, ScanRequest, access_of, scanned
from nephoscope.settings import Settings
from nephoscope.simulation.aws import RootFacts, Simulation

REGION = "us-east-1"
FORMULA = "=1+1"
"""A user name that a spreadsheet would run."""


class Answer:
    """What a call of the command line left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def is_one_line(self) -> bool:
        return self.err.startswith("nephoscope: ") and self.err.count("\n") == 1


class Invoke(Protocol):
    def __call__(self, *arguments: str) -> Answer: ...


def fill(simulation: Simulation) -> None:
    simulation.tell(RootFacts(mfa="virtual"))
    with closing(simulation.client("iam")) as iam:
        for name in (FORMULA, "careful"):
            iam.create_user(UserName=name)
        iam.create_login_profile(UserName=FORMULA, Password="Simulated-2026!")
    with closing(simulation.client("s3")) as s3:
        for name in ("meridian-public", "meridian-private"):
            s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
        s3.put_bucket_acl(Bucket="meridian-public", ACL="public-read")
        s3.create_bucket(Bucket="meridian-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


@contextmanager
def scan_of(simulation: Simulation, *benchmarks: str) -> Iterator[Scanned]:
    access = access_of(regions=(REGION,), role_arn="", external_id="", profile="", endpoint_url=simulation.endpoint_url)
    with scanned(DOORS, ScanRequest(Settings(data=None), access, benchmarks), scan_progress) as done:
        yield done


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nephoscope", *arguments]


def real(*arguments: str, stdin: str = "", **environment: str) -> Answer:
    """A process of its own."""
    done = subprocess.run(  # noqa: S603 - ours
        command(*arguments),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**os.environ, **environment},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def entering(simulation: Simulation) -> tuple[str, ...]:
    return "--endpoint-url", simulation.endpoint_url, "--region", REGION


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
        return
    for name, child in below.items():
        yield from leaves(child, (*path, name))
