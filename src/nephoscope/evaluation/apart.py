"""`python -m nephoscope.evaluation.apart`: one part of a large pass, told and answered in JSON (see `passes`)."""

import sys
from contextlib import closing

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import NephoscopeError
from nephoscope.evaluation.evaluating import Part, evaluate_part
from nephoscope.evaluation.passes import Order
from nephoscope.store.session import open_store


def carry(order: Order) -> Part:
    known = load_catalogue()
    catalogue = Catalogue([known.controls[cid] for cid in order.cids], known.policies)
    with closing(open_store(order.url)) as store:
        return evaluate_part(
            store,
            catalogue,
            order.connector_key,
            order.resource_type,
            order.now,
            after=order.after,
            most=order.most,
        )


def main() -> int:
    try:
        part = carry(msgspec.json.decode(sys.stdin.buffer.read(), type=Order))
    except NephoscopeError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.buffer.write(msgspec.json.encode(part))
    return 0


if __name__ == "__main__":
    sys.exit(main())
