"""What every part of the estate is given: clients of one region, the scale, and the ids that earlier parts made."""

import json
from typing import Any

from nephoscope.simulation.aws.facts import ACCOUNT_ID, Fact
from nephoscope.simulation.aws.running import Simulation

HOME = "us-east-1"
SECOND = "eu-west-1"
REGIONS = (HOME, SECOND)

TEAMS = ("payments", "web", "data", "platform", "mobile", "identity")
STAGES = ("prod", "prod", "staging", "dev")
PARTNER_ACCOUNT = "210987654321"

TRAIL_BUCKET = "meridian-cloudtrail-logs"
CONFIG_BUCKET = "meridian-config-history"


class World:
    """One region of the estate. `ids` maps what a part made to its id: `vpc/core`, `subnet/core/a`, `sg/web-0`."""

    def __init__(self, simulation: Simulation, region: str, scale: int) -> None:
        self._simulation = simulation
        self._clients: dict[str, Any] = {}
        self.region = region
        self.scale = scale
        self.ids: dict[str, str] = {}

    @property
    def is_home(self) -> bool:
        return self.region == HOME

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._simulation.client(service, self.region)
        return self._clients[service]

    def tell(self, fact: Fact) -> None:
        self._simulation.tell(fact)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT_ID}:{rest}"


def log_bucket(region: str) -> str:
    """Where buckets and load balancers of the region write who came by."""
    return f"meridian-access-logs-{region}"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def team(index: int) -> str:
    return TEAMS[index % len(TEAMS)]


def stage(index: int) -> str:
    return STAGES[index % len(STAGES)]


def label(index: int) -> list[dict[str, str]]:
    """Tags as most services spell them."""
    return [{"Key": "team", "Value": team(index)}, {"Key": "stage", "Value": stage(index)}]


def statement(
    effect: str, principal: object, actions: object, resource: object = "*", **more: object
) -> dict[str, object]:
    return {"Effect": effect, "Principal": principal, "Action": actions, "Resource": resource, **more}


def policy(*statements: dict[str, object]) -> str:
    """A policy document as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
