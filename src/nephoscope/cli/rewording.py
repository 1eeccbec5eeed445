"""Problems under the names of options: rules name the fields of the API, and whoever types a command knows none."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from nephoscope.errors import BadRequestError, refuse


def reworded(problem: str, options: Mapping[str, str]) -> str:
    """`field[0]: what is wrong` as `--option: what is wrong`. What has no option stays as it is."""
    field, colon, rest = problem.partition(":")
    option = options.get(field.partition("[")[0])
    return f"{option}{colon}{rest}" if option else problem


@contextmanager
def in_words_of_options(
    message: str, options: Mapping[str, str], *, has_file: bool, also: Callable[[str], str] = str
) -> Iterator[None]:
    """BadRequestError in the block names options; with a file both may be meant, and it stays as it is. `also` is done
    to each problem behind that."""
    try:
        yield
    except BadRequestError as error:
        if has_file or not error.problems:
            raise
        refuse(message, [also(reworded(problem, options)) for problem in error.problems])
