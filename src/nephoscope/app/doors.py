"""What the command line is given. Each door imports what it opens when it is opened: `--help` and scans stay light."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nephoscope.cli.doors import Doors
from nephoscope.settings import Settings

if TYPE_CHECKING:
    from nephoscope.model.health import Check
    from nephoscope.store.archives import Manifest
    from nephoscope.store.session import Store
    from nephoscope.usecases.usecases import UseCases


@contextmanager
def _open_store(settings: Settings) -> Iterator["Store"]:
    from nephoscope.app.stores import opened_store  # noqa: PLC0415 - see the module

    with opened_store(settings) as store:
        yield store


@contextmanager
def _open_usecases(settings: Settings) -> Iterator["UseCases"]:
    from nephoscope.app.opening import opened_usecases  # noqa: PLC0415 - see the module

    with opened_usecases(settings) as (usecases, _):
        yield usecases


@contextmanager
def _carry_runs(settings: Settings) -> Iterator["UseCases"]:
    from nephoscope.app.opening import opened_usecases  # noqa: PLC0415 - see the module

    with opened_usecases(settings) as (usecases, jobs):
        jobs.start()
        yield usecases


def _serve(settings: Settings, *, on_ready: Callable[[str, str | None], None]) -> None:
    from nephoscope.app.serving import serve  # noqa: PLC0415 - see the module

    serve(settings, on_ready=on_ready)


def _work(settings: Settings, *, on_ready: Callable[[], None]) -> None:
    from nephoscope.app.serving import work  # noqa: PLC0415 - see the module

    work(settings, on_ready=on_ready)


def _demo(settings: Settings, *, once: bool) -> int:
    from nephoscope.app.serving import serve_demo  # noqa: PLC0415 - see the module

    return serve_demo(settings, once=once)


def _has_store(settings: Settings) -> bool:
    from nephoscope.app.stores import has_store  # noqa: PLC0415 - see the module

    return has_store(settings)


def _upgrade(settings: Settings) -> tuple[str, str]:
    from nephoscope.app.stores import upgrade_store  # noqa: PLC0415 - see the module

    return upgrade_store(settings)


def _rotate_keys(settings: Settings, *, by: str, is_last: bool) -> int:
    from nephoscope.app.keys import rotate  # noqa: PLC0415 - see the module

    return rotate(settings, by=by, is_last=is_last)


def _back_up(settings: Settings, file: Path, *, by: str, with_keys: bool) -> "Manifest":
    from nephoscope.app.backups import back_up  # noqa: PLC0415 - see the module

    return back_up(settings, file, by=by, with_keys=with_keys)


def _restore(settings: Settings, file: Path, *, by: str, is_replacing: bool) -> "tuple[Manifest, tuple[int, int]]":
    from nephoscope.app.backups import restore  # noqa: PLC0415 - see the module

    return restore(settings, file, by=by, is_replacing=is_replacing)


def _examine(settings: Settings, *, with_clouds: bool) -> "Sequence[Check]":
    from nephoscope.app.doctor import examine  # noqa: PLC0415 - see the module

    return examine(settings, with_clouds=with_clouds)


DOORS = Doors(
    open_store=_open_store,
    open_usecases=_open_usecases,
    carry_runs=_carry_runs,
    serve=_serve,
    work=_work,
    demo=_demo,
    has_store=_has_store,
    rotate_keys=_rotate_keys,
    back_up=_back_up,
    restore=_restore,
    examine=_examine,
    upgrade=_upgrade,
)
