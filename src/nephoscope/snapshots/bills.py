"""Bills of materials of a machine, in the forms that other programs read."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from nephoscope.errors import BadRequestError
from nephoscope.model.packages import Inventory


class BillForm(StrEnum):
    CYCLONEDX = "cyclonedx"
    SPDX = "spdx"

    @property
    def media_type(self) -> str:
        return "application/vnd.cyclonedx+json" if self is BillForm.CYCLONEDX else "application/spdx+json"

    @property
    def suffix(self) -> str:
        return ".cdx.json" if self is BillForm.CYCLONEDX else ".spdx.json"


def form_named(text: str) -> BillForm:
    """CycloneDX when nothing is said. BadRequestError for any other word."""
    try:
        return BillForm(text.strip().lower() or BillForm.CYCLONEDX)
    except ValueError:
        raise BadRequestError(f"format: {text[:40]!r} is none of {', '.join(BillForm)}.", ["format"]) from None


def bill(form: BillForm, inventory: Inventory, subject: str, when: datetime, serial: UUID | None = None) -> bytes:
    """`subject`: what it is of, such as an instance's id. JSON."""
    if form is BillForm.CYCLONEDX:
        from nephoscope.packages.cyclonedx import cyclonedx  # noqa: PLC0415 - its library is slow to load

        return cyclonedx(inventory, subject, serial or uuid4(), when)
    from nephoscope.packages.spdx import spdx  # noqa: PLC0415 - likewise

    return spdx(inventory, subject, serial or uuid4(), when)
