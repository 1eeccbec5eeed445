from uuid import uuid4

import numpy as np

from nephoscope.evaluation.rows import _Frames, _uuids
from nephoscope.kit.ids import evaluation_uuid


def test_many_uuids_are_the_derived_ones() -> None:
    resources = [uuid4() for _ in range(5)]
    frames = _Frames([(b"", b"", b"")] * 5, resources)
    pairs = [(at, cid) for at in range(5) for cid in (1, 45, 30001)]
    made = _uuids(np.asarray([at for at, _ in pairs]), np.asarray([cid for _, cid in pairs]), frames)
    assert [text.decode() for text in made.to_pylist()] == [
        str(evaluation_uuid(resources[at], cid)) for at, cid in pairs
    ]
