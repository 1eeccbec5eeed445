import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.api.addresses import BASE, canonical

ROUTE = f"{BASE}/aws/connectors"
RESOURCE = f"{BASE}/resource/EC2_INSTANCE/AWS"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (ROUTE, ROUTE),
        (ROUTE + "/", ROUTE),
        ("/" + ROUTE, ROUTE),
        (ROUTE.replace("/", "//"), ROUTE),
        (f"{BASE}/AWS/connectors", ROUTE),
        (f"{BASE}/Azure/connectors/", f"{BASE}/azure/connectors"),
        ("/cloudview-api/rest/1.5/aws/connectors", ROUTE),
        ("/cloudview/rest/1.0/azure/connectors", f"{BASE}/azure/connectors"),
        ("/cloudview-ap/rest/v1/resource/EC2_INSTANCE/AWS", RESOURCE),
        ("//cloudview-ap/rest/v1/resource/EC2_INSTANCE/AWS/", RESOURCE),
        ("/cloudview-api/rest/v2/resource/EC2_INSTANCE/AWS", RESOURCE),
        ("/cloudview-api/swagger-ui.html", "/openapi"),
        ("/", "/"),
        ("//", "/"),
        ("/healthz/", "/healthz"),
        # Spellings that no client uses stay what they are.
        ("/cloudview-ap/rest/v1/aws/connectors", "/cloudview-ap/rest/v1/aws/connectors"),
        ("/cloudview-api/rest/v2/policies", "/cloudview-api/rest/v2/policies"),
        ("/x/cloudview-api/rest/1.5/aws", "/x/cloudview-api/rest/1.5/aws"),
        (f"{BASE}/AWSOME/connectors", f"{BASE}/AWSOME/connectors"),
    ],
)
def test_every_alias_means_its_route(asked: str, meant: str) -> None:
    assert canonical(asked) == meant


@given(st.text(alphabet="/.awsv12clouiewp-restAZ", max_size=60))
def test_canonical_is_a_fixed_point(path: str) -> None:
    once = canonical("/" + path)
    assert canonical(once) == once
    assert once.startswith("/")
    assert "//" not in once
