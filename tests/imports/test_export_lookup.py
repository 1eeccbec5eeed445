"""Items are found by name as in a dictionary, from a file."""

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
from hypothesis import given

from nephoscope.clouds.exported.lookup import Lookup
from nephoscope.clouds.exported.spool import Spool


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9))), st.text(max_size=3))
def test_it_is_a_dictionary(pairs: list[tuple[str, int]], other: str) -> None:
    with TemporaryDirectory() as folder:
        lookup = Lookup(Path(folder) / "names", ((name, {"value": value}) for name, value in pairs))
        known = {name: {"value": value} for name, value in pairs}
        for name in (*known, other):
            assert lookup.get(name) == known.get(name)


def test_a_spool_is_looked_up_by_a_key_of_its_items(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(3):
        spool.put("a", "policies", {"name": f"//n/{number}", "bindings": [number]})
    assert spool.lookup("a", "policies", "name").get("//n/1") == {"name": "//n/1", "bindings": [1]}
    assert spool.lookup("a", "policies", "name").get("//n/3") is None
    assert spool.lookup("a", "others", "name").get("//n/1") is None
