"""The credential report, row by row, and waiting for it."""

from collections.abc import Iterable
from typing import Any

import pytest

from nephoscope.clouds.aws.collecting import Place, Raw
from nephoscope.clouds.aws.collectors import credential_report as module
from nephoscope.clouds.aws.collectors.credential_report import ROOT, credential_report, milliseconds
from nephoscope.clouds.aws.collectors.policy_texts import policy_text, trust_text, trusted_entities
from nephoscope.errors import UnavailableError

HEAD = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)
ROOT_ROW = (
    f"{ROOT},arn:aws:iam::111122223333:root,2020-01-31T08:00:00+00:00,not_supported,2025-03-01T08:00:00+00:00,"
    "not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)
USER_ROW = (
    "alice,arn:aws:iam::111122223333:user/alice,2021-01-31T10:00:00+02:00,true,no_information,2021-02-01T08:00:00+00:00,"
    "N/A,false,false,2021-02-03T08:00:00+00:00,2022-02-03T08:00:00+00:00,us-east-1,s3,true,2023-01-01T00:00:00+00:00,"
    "N/A,N/A,N/A,true,2020-02-02T00:00:00+00:00,false,N/A"
)


class Answers:
    """Says `states` one after the other, the last one for ever."""

    place = Place("aws", "111122223333", "global")

    def __init__(self, *states: str, rows: Iterable[str] = (ROOT_ROW, USER_ROW)) -> None:
        self.states = list(states)
        self.asked = 0
        self.content = "\n".join((HEAD, *rows)).encode()

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Raw:
        assert (service, operation, region, arguments) == ("iam", "generate_credential_report", "", {})
        self.asked += 1
        return {"State": self.states.pop(0) if len(self.states) > 1 else self.states[0]}

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Iterable[Raw]:
        raise NotImplementedError

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        assert (service, operation, path, region, arguments) == ("iam", "get_credential_report", "", "", {})
        return {"Content": self.content}


def test_root_and_users_are_read() -> None:
    report = credential_report(Answers("STARTED", "INPROGRESS", "COMPLETE"))
    root, alice = report[ROOT], report["alice"]
    assert (root.password, root.password_used, root.mfa) == (None, "2025-03-01T08:00:00Z", True)
    assert not root.has_key
    assert alice.created == "2021-01-31T08:00:00Z"
    assert (alice.password, alice.password_used, alice.password_rotation) == (True, None, None)
    assert (alice.keys[0].active, alice.keys[0].rotated, alice.keys[0].service) == (False, "2021-02-03T08:00:00Z", "s3")
    assert (alice.keys[1].active, alice.keys[1].used, alice.keys[1].region) == (True, None, None)
    assert alice.certificates == ((True, "2020-02-02T00:00:00Z"), (False, None))
    assert alice.has_key


def test_columns_that_aws_adds_or_leaves_out_do_no_harm() -> None:
    answers = Answers("COMPLETE", rows=())
    answers.content = b"user,arn,mfa_active,something_new\nbob,arn:aws:iam::1:user/bob,false,x\n"
    assert credential_report(answers)["bob"].password is None


def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSES", (0.0,) * 4)
    answers = Answers("INPROGRESS")
    with pytest.raises(UnavailableError, match="not ready"):
        credential_report(answers)
    assert answers.asked == 4


def test_times_of_the_dto() -> None:
    assert milliseconds("2023-12-19T17:10:07Z") == 1703005807000
    assert milliseconds(None) is None


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"Statement": []}, '{"Statement":[]}'),
        ("%7B%22Statement%22%3A%5B%5D%7D", '{"Statement":[]}'),
        ('{"Statement": []}', '{"Statement": []}'),
        (None, None),
    ],
)
def test_policy_texts(document: Any, text: str | None) -> None:
    assert policy_text(document) == text


def test_trust_has_its_statements_in_a_list() -> None:
    assert trust_text({"Statement": {"Effect": "Allow"}}) == '{"Statement":[{"Effect":"Allow"}]}'
    assert trust_text({"Version": "2012-10-17"}) == '{"Version":"2012-10-17","Statement":[]}'
    assert trust_text(None) is None


@pytest.mark.parametrize(
    ("principal", "entities"),
    [
        ("*", {"AWS Account": ["*"]}),
        ({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com.cn"]}, {"AWS Service": ["ec2", "lambda"]}),
        ({"Federated": "cognito-identity.amazonaws.com"}, {"Federated": ["cognito-identity.amazonaws.com"]}),
        ({}, {}),
    ],
)
def test_trusted_entities(principal: Any, entities: dict[str, list[str]]) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": principal}, {"Effect": "Deny", "Principal": "*"}]}
    assert trusted_entities(document) == entities


@pytest.mark.parametrize("document", [None, "text", {}, {"Statement": None}, {"Statement": "x"}, {"Statement": [None]}])
def test_odd_trust_policies_trust_nobody(document: Any) -> None:
    assert trusted_entities(document) == {}
