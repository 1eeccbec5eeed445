"""Where resources of Google Cloud stand and what they are called, by what `google` tells; and who may do what with
them, which Terraform keeps in resources of their own."""

import json
from collections.abc import Callable
from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, first, of
from nephoscope.clouds.exported.terraform.rows import Known
from nephoscope.clouds.gcp.shaping import link
from nephoscope.model.scopes import GLOBAL_REGION

_PROJECTS = "projects/"
_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
_ZONE_PARTS = 3


def by_name(*keys: str) -> Callable[[Block], Known]:
    """Called by a name that is unique in its project, under the first of `keys` that there is."""

    def told(block: Block) -> Known:
        name = _last(str(of(block, *(keys or ("name",)))))
        return Known(project_of(block), GLOBAL_REGION, name, name, _address(block))

    return told


def by_place(*keys: str) -> Callable[[Block], Known]:
    """Called by where it is: `zones/europe-west1-b/instances/web`."""

    def told(block: Block) -> Known:
        place = str(link(of(block, *(keys or ("id",))))).removeprefix(_PROJECTS).partition("/")[2]
        if not place:
            raise LookupError("id")
        return Known(project_of(block), GLOBAL_REGION, place, str(block.get("name") or _last(place)), _address(block))

    return told


def project_of(block: Block) -> str:
    """Empty where it is not told."""
    told = str(block.get("project") or "").removeprefix(_PROJECTS)
    if told:
        return told
    identity = str(block.get("id") or "")
    return identity.removeprefix(_PROJECTS).partition("/")[0] if identity.startswith(_PROJECTS) else ""


def _address(block: Block) -> str:
    return str(block.get("self_link") or block.get("id") or "")


def _last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def last(key: str) -> Read:
    """The last part of an address; null for none."""
    return lambda block, _: _last(str(block[key])) if block[key] else None


def place(*keys: str) -> Read:
    """A region, also for what lies in a zone of it; null for what lies nowhere."""

    def read(block: Block, _: State) -> str | None:
        text = _last(str(of(block, *(keys or ("region", "location", "zone"))) or "")).lower()
        parts = text.split("-")
        is_zone = len(parts) == _ZONE_PARTS and len(parts[2]) == 1
        found = "-".join(parts[:2]) if is_zone else text
        return found if found and found != "global" else None

    return read


def linked(*keys: str) -> Read:
    """`projects/p/global/networks/main`, of an address. LookupError for a bare name: its project is not told."""

    def read(block: Block, _: State) -> str | None:
        found = of(block, *keys)
        return _linked(found) if found else None

    return read


def _linked(address: Any) -> str:
    if "/" not in str(address):
        raise LookupError(address)
    return str(link(address))


def links(key: str) -> Read:
    return lambda block, _: [_linked(one) for one in block[key] or ()]


def inside(path: str) -> Read:
    """An attribute within nested blocks, dotted; null when one of them is not written."""
    *names, key = path.split(".")

    def read(block: Block, _: State) -> Any:
        found: Block | None = block
        for name in names:
            found = None if found is None else first(found, name)
        value = None if found is None else found[key]
        return None if value == "" else value

    return read


def is_set(path: str) -> Read:
    """Such a switch; off when one of the blocks is not written."""
    told = inside(path)
    return lambda block, state: told(block, state) is True


# ---- who may do what


def bindings(kind: str, *keys: str, by: tuple[str, ...] = ("id", "name")) -> Read:
    """Of resources `<kind>_iam_policy`, `_binding` and `_member` whose first of `keys` names what `by` tells of this
    one, in full or by its last part. Of bindings and members it only counts that they let everybody in: Terraform does
    not see what is granted by other means."""
    every = whole(kind, *keys, by=by)

    def read(block: Block, state: State) -> list[dict[str, Any]]:
        found = [_bound(row) for word, row in _granted(kind, keys, by, block, state) if word != "policy"]
        return found if any(_EVERYBODY & set(row["members"]) for row in found) else every(block, state)

    return read


def whole(kind: str, *keys: str, by: tuple[str, ...]) -> Read:
    """Who may do what altogether: a policy says it, or a state that holds everything."""

    def read(block: Block, state: State) -> list[dict[str, Any]]:
        rows = _granted(kind, keys, by, block, state)
        policies = [row["policy_data"] for word, row in rows if word == "policy"]
        if policies:
            return [_bound(row) for row in json.loads(policies[-1]).get("bindings") or ()]
        if not all(state.is_known(f"{kind}_iam_{word}", key) for word in _WORDS for key in keys):
            raise LookupError(kind)
        return [_bound(row) for _, row in rows]

    return read


_WORDS = ("policy", "binding", "member")


def _granted(
    kind: str, keys: tuple[str, ...], by: tuple[str, ...], block: Block, state: State
) -> list[tuple[str, Block]]:
    whole = {str(block[key]) for key in by if block.get(key)}
    return [
        (word, row)
        for word in _WORDS
        for key in keys
        for name in sorted({*whole, *map(_last, whole)})
        for row in state.of(f"{kind}_iam_{word}", key, name)
        if _is_same_place(row, block)
    ]


def _is_same_place(row: Block, block: Block) -> bool:
    """Names are only unique in their project."""
    mine, theirs = project_of(block), project_of(row)
    return not mine or not theirs or mine == theirs


def _bound(row: Block) -> dict[str, Any]:
    members = row["members"] if "members" in row else [row["member"]]
    return {"role": row["role"], "members": list(members)}
