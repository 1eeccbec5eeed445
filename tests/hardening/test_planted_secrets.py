"""Secrets planted in everything that takes one, a server that lives a day with them, and a search for them afterwards:
in its log, in what it answered, in every file that it keeps, in a backup, and in what `ps` shows of it.
"""

import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pyotp
import pytest

from fake_aws import FakeAws, fake_aws
from nephoscope.app.opening import opened_usecases
from nephoscope.connectors.connectors import Draft
from nephoscope.kit.sealing import parse_keys
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings
from nephoscope.simulation.azure import cloud as azure_cloud
from nephoscope.simulation.azure.cloud import APPLICATION, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.gcp.cloud import GcpCloud
from served_process import serving

pytestmark = pytest.mark.slow

KEY = base64.b64encode(b"planted key of thirty-two bytes!").decode()
ADMIN = "planted-password-of-admin"
WRONG = "planted-password-that-is-wrong"
AWS_SECRET = "planted/secret/access/key/of/the/process"
EXTERNAL, EXTERNAL_ID = "the external id of a role", "918273645546372819"
"""AWS takes it for no secret, and the contract shows it to whoever sees connectors: it is in the database, and nowhere
else."""
SIGN_ON_SECRET = "planted-secret-of-single-sign-on"
SMTP_PASSWORD = "planted-password-of-the-mail-server"
AZURE_SECRET = "planted~secret~of~an~application"
MISTAKE = "planted-secret-in-a-body-that-is-refused"
QUERY = "planted-in-a-query"
HOOK = "planted-in-the-address-of-a-webhook"
_PATIENCE = 400
"""Tenths of a second."""


class Planted:
    """What must be found nowhere, by what it is. `answers` are bodies and headers of everything that was answered, but
    for the one answer that hands a secret over."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {
            "the master key": KEY,
            "the administrator's password": ADMIN,
            "a wrong password": WRONG,
            "the key of the process's AWS identity": AWS_SECRET,
            EXTERNAL: EXTERNAL_ID,
            "the secret of an Azure application": AZURE_SECRET,
            "the secret of single sign-on": SIGN_ON_SECRET,
            "the password of the mail server": SMTP_PASSWORD,
            "a secret in a refused body": MISTAKE,
            "a secret in a query": QUERY,
            "the address of a webhook": HOOK,
        }
        self.answers: list[str] = []

    def found_in(self, content: bytes) -> list[str]:
        """In clear, as bytes that a database dump shows in hex, or as HTTP Basic would send it."""
        return [
            name
            for name, secret in self.secrets.items()
            for spelled in _spellings(secret.encode())
            if spelled in content or spelled.upper() in content
        ]


def _spellings(secret: bytes) -> Iterator[bytes]:
    yield secret
    yield secret.hex().encode()
    yield base64.b64encode(b"admin:" + secret)


def connect(settings: Settings, aws: FakeAws, azure: AzureCloud, gcp: GcpCloud) -> None:
    """One account of each cloud, and an Azure one whose secret is wrong: clouds complain about what they are sent."""
    role = Draft(
        name="role",
        arn="arn:aws:iam::222222222222:role/audit",
        external_id=EXTERNAL_ID,
        regions=("us-east-1",),
        endpoint_url=aws.url,
    )
    subscription = Draft(
        name="subscription",
        account_id=SUBSCRIPTION,
        tenant_id=TENANT,
        application_id=APPLICATION,
        secret=AZURE_SECRET,
        endpoint_url=azure.endpoint_url,
    )
    barred = Draft(
        name="barred",
        account_id=SUBSCRIPTION[::-1].replace("-", "")[:8] + SUBSCRIPTION[8:],
        tenant_id=TENANT,
        application_id=APPLICATION,
        secret=MISTAKE,
        endpoint_url=azure.endpoint_url,
    )
    with opened_usecases(settings) as (usecases, _):
        usecases.connectors.create(Provider.AWS, role)
        usecases.connectors.create(Provider.AZURE, subscription)
        usecases.connectors.create(Provider.AZURE, barred)
        usecases.connectors.create(
            Provider.GCP, Draft(name="project", secret=gcp.key_file, endpoint_url=gcp.endpoint_url)
        )


class Visitor:
    """Asks, keeps what was answered, and takes what is secret in it out of that first."""

    def __init__(self, address: str, planted: Planted) -> None:
        self._planted = planted
        self._client = httpx.Client(base_url=address, auth=("admin", ADMIN), timeout=30)

    def ask(self, method: str, path: str, *, secrets: dict[str, str] | None = None, **how: object) -> httpx.Response:
        """`secrets`: name → the key of the answer's JSON that hands one over; empty for the whole answer."""
        answer = self._client.request(method, path, **how)  # type: ignore[arg-type]  # passed on as it came
        text = f"{answer.headers!r}{answer.text}"
        for name, key in (secrets or {}).items():
            handed = str(answer.json()[key]) if key else answer.text
            self._planted.secrets[name] = handed
            text = text.replace(handed, "")
        self._planted.answers.append(text)
        return answer

    def close(self) -> None:
        self._client.close()


def live(visitor: Visitor) -> None:
    """People log in, make clients and second factors, mistype, and put secrets where they do not belong."""
    ask = visitor.ask
    token = ask("POST", "/auth", data={"username": "admin", "password": ADMIN}, secrets={"a token": ""}, auth=None).text
    user = ask("POST", "/api/users", json={"name": "anna", "role": "Reader"}, secrets={"a first password": "password"})
    own = "planted-password-of-anna"
    visitor._planted.secrets["a password that was chosen"] = own
    first = user.json()["password"]
    changed = ask("PUT", "/api/me/password", json={"currentPassword": first, "newPassword": own}, auth=("anna", first))
    assert changed.status_code == 204
    anna = ("anna", own)
    factor = ask("POST", "/api/me/totp", json={"currentPassword": own}, auth=anna)
    secret = factor.json()["secret"]
    visitor._planted.secrets["the secret of a second factor"] = secret
    visitor._planted.answers.pop()
    confirmed = ask("POST", "/api/me/totp/confirm", json={"code": pyotp.TOTP(secret).now()}, auth=anna)
    visitor._planted.secrets["a recovery code"] = confirmed.json()["recoveryCodes"][0]
    visitor._planted.answers.pop()
    session = ask("POST", "/api/sessions", json={"username": "admin", "password": ADMIN}, auth=None)
    visitor._planted.secrets["a session"] = next(iter(session.cookies.values()))
    visitor._planted.answers.pop()
    client = ask(
        "POST", "/api/clients", json={"name": "siem", "role": "Reader"}, secrets={"a client's": "clientSecret"}
    )
    schedule = {
        "name": "daily",
        "cron": "0 6 * * *",
        "report": {"cloudType": "AWS", "format": "csv", "resourceResults": ["FAIL"]},
        "deliveries": [{"url": f"https://127.0.0.1:9/{HOOK}?token={HOOK}"}],
    }
    made = ask("POST", "/api/report-schedules", json=schedule, secrets={"the secret of a webhook": "secret"})
    ask("POST", f"/api/report-schedules/{made.json()['scheduleId']}/run")
    ask("POST", "/api/report-schedules", json={**schedule, "deliveries": [{"url": f"ftp://x/{'x' * 60}{HOOK}"}]})
    ask("GET", "/api/report-schedules")
    named = {"clientId": client.json()["clientId"], "clientSecret": client.json()["clientSecret"]}
    ask("POST", "/auth/oidc", headers=named, auth=None, secrets={"a client's token": ""})
    ask("POST", "/auth/oidc", headers={**named, "clientSecret": MISTAKE}, auth=None)
    ask("POST", "/auth", data={"username": "admin", "password": WRONG}, auth=None)
    assert ask("GET", "/cloudview-api/rest/v1/aws/connectors", auth=("admin", WRONG)).status_code == 401
    ask(
        "GET", "/cloudview-api/rest/v1/aws/connectors", headers={"Authorization": f"Bearer {token[:-4]}AAAA"}, auth=None
    )
    ask("GET", f"/cloudview-api/rest/v1/azure/connectors?token={QUERY}&access_token={token}")
    ask("GET", f"/cloudview-api/rest/v1/nowhere?password={QUERY}")
    for body in ({"authenticationKey": MISTAKE}, {"authenticationKey": [MISTAKE]}, {"key": MISTAKE, "name": ""}):
        ask("POST", "/cloudview-api/rest/v1/azure/connectors", json=body)
    ask("POST", "/cloudview-api/rest/v1/gcp/connectors", json={"credentials": {"private_key": MISTAKE}})
    ask("POST", "/cloudview-api/rest/v1/gcp/connectors", content=f'{{"credentials": "{MISTAKE}"')
    ask("GET", "/api/sso/login", auth=None)
    ask("GET", f"/api/sso/callback?code={QUERY}&state={QUERY}", auth=None)
    ask("GET", "/metrics")
    ask("GET", "/readyz")
    ask("GET", "/api/audit?pageSize=1000")


def wait_for_delivery(visitor: Visitor) -> str:
    """What is said of a report that could not be delivered, once somebody has tried."""
    (schedule,) = visitor.ask("GET", "/api/report-schedules").json()
    for _ in range(_PATIENCE):
        (sent,) = visitor.ask("GET", f"/api/report-schedules/{schedule['scheduleId']}/deliveries").json()
        if sent["error"]:
            break
        time.sleep(0.1)  # the server is another process: there is nothing to be woken by
    return str(sent["error"])


def backed_up(data: Path, file: Path, environment: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """What `nephoscope backup` writes while the server runs, and what it says."""
    arguments = [sys.executable, "-m", "nephoscope", "backup", str(file), "--data", str(data)]
    done = subprocess.run(arguments, capture_output=True, check=True, env={**os.environ, **environment})  # noqa: S603 - ours
    yield "what backup says", done.stdout + done.stderr
    with zipfile.ZipFile(file) as archive:
        yield from ((f"{name} of the backup", archive.read(name)) for name in archive.namelist())


def wait_for_runs(visitor: Visitor) -> dict[str, str]:
    """Until each account was looked at; name → state."""
    states: dict[str, str] = {}
    for _ in range(_PATIENCE):
        for provider in ("aws", "azure", "gcp"):
            answer = visitor.ask("GET", f"/cloudview-api/rest/v1/{provider}/connectors")
            if provider == "aws":
                visitor._planted.answers.pop()  # the contract shows external ids to whoever may see connectors
            states.update({row["name"]: row["state"] for row in answer.json()["content"]})
        if "PENDING" not in states.values():
            break
        time.sleep(0.1)  # the server is another process: there is nothing to be woken by
    return states


def shown_by_ps(process: "subprocess.Popen[str]") -> bytes:
    every = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout  # noqa: S607 - any ps
    return listed + "\n".join(" ".join(one.cmdline()) for one in every).encode()


def dumped(data: Path) -> Iterator[tuple[str, bytes]]:
    """Each file as it lies there, and each database as its dump."""
    for path in sorted(data.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
        if path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as connection:
                yield f"the dump of {path.name}", "\n".join(connection.iterdump()).encode()


def test_planted_secrets_are_found_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_cloud, "SECRET", AZURE_SECRET)
    planted, data = Planted(), tmp_path / "kept"
    settings = Settings(data=data, keys=KEY, endpoint_overrides=True)
    environment = {
        "NEPHOSCOPE_KEY": KEY,
        "NEPHOSCOPE_ADMIN_PASSWORD": ADMIN,
        "NEPHOSCOPE_LOG": "json",
        "NEPHOSCOPE_ENDPOINT_OVERRIDES": "on",
        "NEPHOSCOPE_OIDC_ISSUER": "http://127.0.0.1:9",
        "NEPHOSCOPE_OIDC_CLIENT_ID": "nephoscope",
        "NEPHOSCOPE_OIDC_CLIENT_SECRET": SIGN_ON_SECRET,
        "NEPHOSCOPE_PUBLIC_URL": "https://nephoscope.example.com",
        "NEPHOSCOPE_ALLOWED_NETWORKS": "127.0.0.1",
        "NEPHOSCOPE_SMTP": f"smtp://reports:{SMTP_PASSWORD}@127.0.0.1:9",
        "NEPHOSCOPE_MAIL_FROM": "reports@example.com",
        "AWS_ACCESS_KEY_ID": "AKIAPLANTED",
        "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
    }
    with fake_aws() as aws, AzureCloud() as azure, GcpCloud() as gcp:
        connect(settings, aws, azure, gcp)
        planted.secrets["the key of a service account"] = json.loads(gcp.key_file)["private_key"].splitlines()[9]
        with serving(data, environment) as (address, process):
            visitor = Visitor(address, planted)
            live(visitor)
            states = wait_for_runs(visitor)
            undelivered = wait_for_delivery(visitor)
            backup = dict(backed_up(data, tmp_path / "backup.zip", environment))
            processes = shown_by_ps(process)
            visitor.close()
            process.send_signal(signal.SIGTERM)
            out, log = process.communicate(timeout=60)
        assert any(ask.operation == "AssumeRole" and ask.arguments["ExternalId"] == EXTERNAL_ID for ask in aws.asks)
    assert states == {"role": "SUCCESS", "subscription": "SUCCESS", "barred": "ERROR", "project": "SUCCESS"}, log
    assert log.count('"message": "request"') > len(planted.answers) / 2
    looked_in = {
        "stdout": out.encode(),
        "the log": log.encode(),
        "ps": processes,
        "an answer": "\n".join(planted.answers).encode(),
        **dict(dumped(data)),
        **backup,
    }
    assert "127.0.0.1" in undelivered
    assert [path.name for path in data.rglob("*") if path.stat().st_mode & 0o077] == [], "others can read it"
    assert {"nephoscope.sqlite", "jobs.sqlite", "the dump of nephoscope.sqlite"} <= looked_in.keys()
    found = {place: names for place, content in looked_in.items() if (names := planted.found_in(content))}
    kept_open = ("nephoscope.sqlite", "the dump of nephoscope.sqlite", "tables/connectors.jsonl of the backup")
    assert found == {place: [EXTERNAL] for place in kept_open}
    assert parse_keys(KEY)[0] not in b"".join(looked_in.values())


def test_the_search_finds_what_lies_there() -> None:
    planted = Planted()
    for content in (ADMIN.encode(), ADMIN.encode().hex().encode(), base64.b64encode(f"admin:{ADMIN}".encode())):
        assert planted.found_in(b"x" + content + b"y") == ["the administrator's password"]
    assert planted.found_in(b"nothing here") == []
