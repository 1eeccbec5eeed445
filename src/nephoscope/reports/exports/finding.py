"""One control on one resource, with what there is to say about it: what machine formats are shaped from."""

import msgspec

from nephoscope.model.controls import Control
from nephoscope.model.evaluations import EvaluationRow, Evidence


class Finding(msgspec.Struct, frozen=True):
    """`region` is where the resource really is: a bucket's own region, not `global`."""

    control: Control
    row: EvaluationRow
    account_id: str
    region: str
    benchmarks: tuple[str, ...]
    """`CIS AWS 5.0:5.7`."""
    evidence: tuple[Evidence, ...]

    @property
    def message(self) -> str:
        """What the control says about it, or why it could not say."""
        row, control = self.row, self.control
        if row.status == "PASS":
            return control.pass_message
        return control.fail_message if row.status in ("FAIL", "PASSE") else row.reason
