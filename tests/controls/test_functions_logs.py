from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.controls.functions.filter_patterns import LONGEST, read_pattern
from nephoscope.controls.functions.logs import FUNCTIONS, alarmed, records_management, records_objects

RECORD = {
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "DeleteTrail",
    "errorCode": "AccessDenied",
    "userIdentity": {"type": "Root"},
    "additionalEventData": {"MFAUsed": "No"},
    "resources": [{"ARN": "arn:aws:s3:::one"}],
    "readOnly": False,
    "responseElements": None,
    "bytes": 12,
}

MATCHING = [
    "{ $.eventName = DeleteTrail }",
    '{$.eventName="DeleteTrail"}',
    "{($.eventName=CreateTrail)||($.eventName=DeleteTrail)}",
    '{ ($.eventSource = "cloudtrail.amazonaws.com") && (($.eventName = Stop*) || ($.eventName = "DeleteTrail")) }',
    "{ $.eventSource = cloudtrail.* }",
    '{ $.eventSource = "cloud*.amazonaws.com" }',
    '{ $.errorCode = "*Denied*" }',
    "{ $.errorCode = %^Access% }",
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    "{ $.resources[0].ARN = arn:aws:s3:::* }",
    "{ $.readOnly IS FALSE }",
    "{ $.readOnly is false }",
    "{ $.readOnly = false }",
    "{ $.responseElements IS NULL }",
    "{ $.bytes > 10 && $.bytes <= 12 && $.bytes = 12 }",
    "{ $.eventName != CreateTrail }",
    "{ $.nothing != x }",
    "{ $.eventName = X || $.eventName = DeleteTrail && $.errorCode = AccessDenied }",
    "",
    "DeleteTrail",
    '"DeleteTrail" AccessDenied',
    "?CreateTrail ?DeleteTrail",
    "DeleteTrail -CreateTrail",
]

MISSING = [
    "{ $.eventName = deletetrail }",
    "{ $.eventName = DeleteTrai }",
    "{ $.eventName = DeleteTrail* && $.errorCode != AccessDenied }",
    "{ $.userIdentity.type NOT EXISTS }",
    "{ $.resources[1].ARN = * }",
    "{ $.eventName = Delete*Trail*Trail }",
    "{ $.readOnly IS TRUE }",
    "{ $.readOnly IS NULL }",
    "{ $.errorCode = %^Denied% }",
    "{ $.errorCode = %(% }",
    "{ $.eventName > 3 }",
    "{ ($.eventName = X || $.eventName = DeleteTrail) && $.errorCode = Other }",
    "CreateTrail",
    "?CreateTrail ?StopLogging",
    "DeleteTrail -AccessDenied",
    "[ip, user, action = DeleteTrail]",
    "{ $.eventName = DeleteTrail",
    "{ ($.eventName = DeleteTrail }",
    "{ $.eventName = DeleteTrail) }",
    "{ $.eventName = DeleteTrail && }",
    "{ $.eventName == DeleteTrail }",
    "{ eventName = DeleteTrail }",
    "{ $.eventName DeleteTrail }",
    "{ $. = DeleteTrail }",
    "{}",
    "{ $.a IS WRONG }",
    "{" + "(" * 900 + "$.eventName = DeleteTrail" + "}",
    "{ $.eventName = DeleteTrail }" + " " * LONGEST + "x",
]


def matches(pattern: str, record: Mapping[str, Any]) -> bool:
    read = read_pattern(pattern)
    return read is not None and read.matches(record)


@pytest.mark.parametrize("pattern", MATCHING)
def test_pattern_matches(pattern: str) -> None:
    assert matches(pattern, RECORD)


@pytest.mark.parametrize("pattern", MISSING)
def test_pattern_does_not_match(pattern: str) -> None:
    assert not matches(pattern, RECORD)


def test_deep_parentheses_are_read_without_recursion() -> None:
    assert matches("{" + "(" * 2000 + "$.eventName = DeleteTrail" + ")" * 2000 + "}", RECORD)


@given(st.text(alphabet="{}()$.=!<>&|*%\"'[]\\ aE-?1", max_size=60))
def test_any_text_is_read(text: str) -> None:
    for pattern in (text, f"{{{text}}}"):
        assert matches(pattern, RECORD) in (True, False)


@given(
    st.lists(st.sampled_from(["&&", "||"]), min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_connectives_bind_as_in_python(connectives: list[str], facts: list[bool]) -> None:
    terms = [f"$.eventName = {'DeleteTrail' if fact else 'Other'}" for fact in facts]
    pattern, python = terms[0], str(facts[0])
    for connective, term, fact in zip(connectives, terms[1:], facts[1:], strict=False):
        pattern += f" {connective} {term}"
        python += f" {'and' if connective == '&&' else 'or'} {fact}"
    assert matches(f"{{ {pattern} }}", RECORD) == eval(python)  # noqa: S307 - Python is the oracle


ACCOUNT = "111122223333"
TRAIL: dict[str, Any] = {
    "isMultiRegionTrail": True,
    "isLogging": True,
    "cloudWatchLogsLogGroupArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:trail:*",
    "eventSelectors": [{"includeManagementEvents": True, "readWriteType": "All"}],
    "advancedEventSelectors": None,
}
FILTER: dict[str, Any] = {
    "region": "eu-west-1",
    "logGroupName": "trail",
    "filterPattern": "{ $.eventName = DeleteTrail || $.eventName = StopLogging }",
    "metricTransformations": [{"metricName": "Trail", "metricNamespace": "Watch"}],
}
ALARM: dict[str, Any] = {
    "region": "eu-west-1",
    "namespace": "Watch",
    "metricName": "Trail",
    "actionsEnabled": True,
    "alarmActions": ["arn:aws:sns:eu-west-1:111122223333:alarms"],
}
TOPIC: dict[str, Any] = {
    "arn": "arn:aws:sns:eu-west-1:111122223333:alarms",
    "subscriptions": [{"protocol": "email", "isConfirmed": True}],
}
RECORDS = [{"eventName": "DeleteTrail"}, {"eventName": "StopLogging"}]


def judge(**changed: Any) -> str:
    rows = {"trail": TRAIL, "filter": FILTER, "alarm": ALARM, "topic": TOPIC} | {
        name: {"trail": TRAIL, "filter": FILTER, "alarm": ALARM, "topic": TOPIC}[name] | change
        for name, change in changed.items()
    }
    return alarmed(ACCOUNT, [rows["trail"]], [rows["filter"]], [rows["alarm"]], [rows["topic"]], RECORDS)


def test_a_whole_chain_is_alarmed() -> None:
    assert judge() == "yes"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("trail", {"isMultiRegionTrail": False}),
        ("trail", {"isLogging": False}),
        ("trail", {"cloudWatchLogsLogGroupArn": None}),
        ("trail", {"eventSelectors": [{"includeManagementEvents": True, "readWriteType": "ReadOnly"}]}),
        ("filter", {"region": "us-east-1"}),
        ("filter", {"logGroupName": "other"}),
        ("filter", {"filterPattern": "{ $.eventName = DeleteTrail }"}),
        ("filter", {"filterPattern": "{ broken"}),
        ("filter", {"metricTransformations": []}),
        ("alarm", {"region": "us-east-1"}),
        ("alarm", {"metricName": "Other"}),
        ("alarm", {"namespace": "Other"}),
        ("alarm", {"actionsEnabled": False}),
        ("alarm", {"alarmActions": []}),
        ("alarm", {"alarmActions": ["arn:aws:automate:eu-west-1:ec2:stop"]}),
        ("topic", {"subscriptions": []}),
        ("topic", {"subscriptions": [{"protocol": "email", "isConfirmed": False}]}),
    ],
)
def test_a_broken_link_is_no(name: str, change: dict[str, Any]) -> None:
    assert judge(**{name: change}) == "no"


@pytest.mark.parametrize(
    ("name", "change", "doubt"),
    [
        (
            "trail",
            {"cloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:999999999999:log-group:trail:*"},
            "metric filters of account 999999999999",
        ),
        (
            "alarm",
            {"alarmActions": ["arn:aws:sns:eu-west-1:999999999999:ops"]},
            "subscriptions of arn:aws:sns:eu-west-1:999999999999:ops",
        ),
    ],
)
def test_what_another_account_holds_is_in_doubt(name: str, change: dict[str, Any], doubt: str) -> None:
    assert judge(**{name: change}) == doubt


@pytest.mark.parametrize(
    ("name", "field"), [("trail", "isLogging"), ("trail", "eventSelectors"), ("topic", "subscriptions")]
)
def test_an_unread_field_is_named(name: str, field: str) -> None:
    rows = {"trail": TRAIL, "topic": TOPIC}
    rows[name] = {key: value for key, value in rows[name].items() if key != field}
    assert alarmed(ACCOUNT, [rows["trail"]], [FILTER], [ALARM], [rows["topic"]], RECORDS) == field


def test_several_filters_cover_together_and_a_metric_expression_counts() -> None:
    filters = [FILTER | {"filterPattern": f"{{ $.eventName = {row['eventName']} }}"} for row in RECORDS]
    metric = {"metricStat": {"metric": {"namespace": "Watch", "metricName": "Trail"}}}
    alarm = ALARM | {"namespace": None, "metricName": None, "metrics": [{"expression": "m1"}, metric]}
    assert alarmed(ACCOUNT, [TRAIL], filters, [alarm], [TOPIC], RECORDS) == "yes"
    assert alarmed(ACCOUNT, [TRAIL], filters[:1], [alarm], [TOPIC], RECORDS) == "no"


def test_no_records_prove_nothing() -> None:
    assert alarmed(ACCOUNT, [TRAIL], [FILTER], [ALARM], [TOPIC], []) == "no"


def basic(access: str = "All", *, management: bool = True, values: tuple[str, ...] = ()) -> list[Any]:
    resources = [{"type": "AWS::S3::Object", "values": list(values)}] if values else []
    return [{"readWriteType": access, "includeManagementEvents": management, "dataResources": resources}]


def advanced(**fields: Any) -> list[Any]:
    return [{"fieldSelectors": [{"field": name.replace("_", "."), **asked} for name, asked in fields.items()]}]


MANAGEMENT = {"equals": ["Management"]}
DATA = {"equals": ["Data"]}
OBJECTS = {"equals": ["AWS::S3::Object"]}


@pytest.mark.parametrize(
    ("basic", "advanced", "reads", "writes"),
    [
        ([], [], True, True),
        (None, None, True, True),
        (basic(), None, True, True),
        (basic("ReadOnly"), None, True, False),
        (basic("WriteOnly"), None, False, True),
        (basic(management=False), None, False, False),
        (None, advanced(eventCategory=MANAGEMENT), True, True),
        (None, advanced(eventCategory=MANAGEMENT, readOnly={"equals": ["true"]}), True, False),
        (None, advanced(eventCategory=MANAGEMENT, readOnly={"equals": ["false"]}), False, True),
        (None, advanced(eventCategory=MANAGEMENT, eventSource={"notEquals": ["kms.amazonaws.com"]}), True, True),
        (None, advanced(eventCategory=MANAGEMENT, eventSource={"equals": ["iam.amazonaws.com"]}), False, False),
        (None, advanced(eventCategory=MANAGEMENT, eventName={"equals": ["DeleteTrail"]}), False, False),
        (None, advanced(eventCategory=DATA), False, False),
        ("junk", {"junk": 1}, False, False),
    ],
)
def test_management_events(basic: Any, advanced: Any, *, reads: bool, writes: bool) -> None:
    assert records_management(basic, advanced, "ReadOnly") is reads
    assert records_management(basic, advanced, "WriteOnly") is writes


@pytest.mark.parametrize(
    ("basic", "advanced", "reads", "writes"),
    [
        (basic(values=("arn:aws:s3",)), None, True, True),
        (basic(values=("arn:aws:s3:::",)), None, True, True),
        (basic(values=("arn:aws-us-gov:s3:::",)), None, True, True),
        (basic("WriteOnly", values=("arn:aws:s3",)), None, False, True),
        (basic("ReadOnly", values=("arn:aws:s3",)), None, True, False),
        (basic(values=("arn:aws:s3:::one/", "arn:aws:s3:::two/")), None, True, True),
        (basic(values=("arn:aws:s3:::one/",)), None, False, False),
        (basic(values=("arn:aws:s3:::one/logs/", "arn:aws:s3:::two/")), None, False, False),
        (basic(), None, False, False),
        (None, advanced(eventCategory=DATA, resources_type=OBJECTS), True, True),
        (None, advanced(eventCategory=DATA, resources_type=OBJECTS, readOnly={"equals": ["false"]}), False, True),
        (
            None,
            advanced(eventCategory=DATA, resources_type=OBJECTS, resources_ARN={"startsWith": ["arn:aws:s3:::"]}),
            True,
            True,
        ),
        (
            None,
            advanced(eventCategory=DATA, resources_type=OBJECTS, resources_ARN={"notStartsWith": ["arn:aws:s3:::x/"]}),
            False,
            False,
        ),
        (None, advanced(eventCategory=DATA, resources_type=OBJECTS, eventName={"equals": ["PutObject"]}), False, False),
        (None, advanced(eventCategory=DATA, resources_type={"equals": ["AWS::Lambda::Function"]}), False, False),
        (None, advanced(eventCategory=MANAGEMENT), False, False),
        ({}, "junk", False, False),
    ],
)
def test_object_events(basic: Any, advanced: Any, *, reads: bool, writes: bool) -> None:
    assert records_objects(basic, advanced, "ReadOnly", ["one", "two"]) is reads
    assert records_objects(basic, advanced, "WriteOnly", ["one", "two"]) is writes


def test_listed_buckets_do_not_cover_an_account_whose_buckets_are_unknown() -> None:
    assert not records_objects(basic(values=("arn:aws:s3:::one/",)), None, "ReadOnly", [])


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TRAIL, *FILTER, *ALARM]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(json, st.lists(json, max_size=3), st.lists(json, max_size=3))
def test_functions_are_total(anything: Any, some: list[Any], others: list[Any]) -> None:
    kinds = {"string": (str,), "bool": (bool,)}
    arguments = {"any": anything, "string": str(anything), "list": some}
    for function in FUNCTIONS:
        assert isinstance(function.call(*(arguments[kind] for kind in function.arguments)), kinds[function.returns])
    assert isinstance(alarmed(ACCOUNT, [TRAIL, *some], [FILTER, *some], [ALARM, *others], [TOPIC, *others], [{}]), str)
