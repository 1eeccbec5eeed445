"""How related documents are found: by equal values, and by the elements of lists on either side."""

from typing import Any

import pytest

from nephoscope.evaluation.neighbours import _index, _keys


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        ({"vpcId": "v"}, {"vpcId": "v"}, True),
        ({"vpcId": "v"}, {"vpcId": "w"}, False),
        ({"vpcId": ["u", "v"]}, {"vpcId": "v"}, True),
        ({"vpcId": "v"}, {"vpcId": ["u", "v"]}, True),
        ({"vpcId": ["v", "v"]}, {"vpcId": ["w"]}, False),
        ({"vpcId": []}, {"vpcId": "v"}, False),
        ({"vpcId": "v"}, {"vpcId": []}, False),
        ({"vpcId": "v"}, {}, False),
        ({"vpcId": {"a": 1}}, {"vpcId": {"a": 1}}, True),
    ],
)
def test_one_field(theirs: dict[str, Any], ours: dict[str, Any], found: bool) -> None:
    index = _index([theirs], ("vpcId",))
    assert any(key in index for key in _keys(ours, ("vpcId",))) is found


def test_every_field_must_match() -> None:
    index = _index([{"region": "a", "groupIds": ["g1", "g2"]}], ("region", "groupIds"))
    assert set(index) == {("a", "g1"), ("a", "g2")}
    assert list(_keys({"region": "b", "groupId": "g1"}, ("region", "groupId"))) == [("b", "g1")]
