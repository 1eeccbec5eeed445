"""Which passwords everybody tries first. Not a list of millions: the words that they are made of, and the tricks with
which people make them look like others (capitals, digits and signs around a word, digits for letters)."""

import re
from collections.abc import Iterator

_TEXT = """
    abc abcd abcdef access account admin administrator administration adminadmin aloha amanda america andrew android
    angel angels apple april arsenal asdf asdfgh asdfghjkl ashley august autumn azerty azertyuiop babygirl backup
    bailey banana barcelona baseball basketball batman berlin blink butterfly changeit changeme charlie cheese chelsea
    chocolate christmas cloud cloudview company computer config cookie cowboys dallas daniel database dbadmin december
    default demo deploy dragon eagles elephant enter facebook february ferrari football forever freedom friday
    friends fuckyou gandalf gateway george german ginger github google guest hallo hannah harley heaven hello
    helloworld hockey hunter hunting iloveyou inter internet january jasmine jennifer jessica jesus jordan joshua july
    june justin killer knight kubernetes letmein linux liverpool login london lovely loveme lucky maggie manager march
    marina martin master matrix matthew merlin michael michelle microsoft midnight mobile monday monitor monkey
    mustang mypass mypassword mysecret naruto nephoscope network newpass newpassword nicole ninja november nothing
    october office open oracle orange pass passphrase passwd password passwords passwort peanut pepper phoenix
    pokemon postgres princess private purple qazwsx qazwsxedc qualys qwert qwerty qwertyuiop qwertz qwertzuiop rabbit
    rainbow ranger root rootroot samsung saturday scooter secret secure security september server service shadow
    silver snoopy soccer spring starwars summer sunday sunflower sunshine superman superuser support sysadmin system
    taylor temp temporary test tester testing testtest thomas thunder thursday tigger tiger totalcloud trustno
    trustnoone tuesday ubuntu user username vagrant victoria wednesday welcome welcomeback whatever william windows
    winter wizard yankees zaq zxcvbn zxcvbnm
"""
_WORDS = frozenset(_TEXT.split())
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
_STEP = 4
"""Characters in a row that are one stroke rather than so many choices."""
_FEWEST = 5
"""Different characters."""
_LEFT_OVER = 4
"""What stays when names, words, rows and a date's worth of digits are taken away has to be longer than this."""
_DIGITS_OF_A_DATE = 6
_DISGUISES = (
    str.maketrans("0134578@$!|€", "oleastbasile"),
    str.maketrans("0134578@$!|€", "oieastbasiie"),
)
_EDGES = re.compile(r"^[^a-z]+|[^a-z]+$")


def is_common(password: str, name: str = "") -> bool:
    """`name` is the user's: who knows it tries it."""
    plain = password.casefold()
    if len(set(plain)) < _FEWEST:
        return True
    return any(_is_made_of_words(form, name.casefold()) for form in {plain, *map(plain.translate, _DISGUISES)})


def _is_made_of_words(text: str, name: str) -> bool:
    left = text.replace(name, "") if len(name) >= _STEP else text
    left = _without_rows(left)
    core = re.sub(r"[^a-z]", "", left)
    if core in _WORDS or _EDGES.sub("", left) in _WORDS:
        return True
    return _choices(left) <= _LEFT_OVER


def _choices(text: str) -> int:
    """How much is left to guess: letters that belong to no word, and digits that are no date."""
    for word in _LONGEST_FIRST:
        text = text.replace(word, "")
    text = re.sub(r"(.)\1{2,}", "", text)
    digits = sum(map(str.isdecimal, text))
    return sum(map(str.isalpha, text)) + max(0, digits - _DIGITS_OF_A_DATE)


def _without_rows(text: str) -> str:
    """Without four and more keys that lie beside each other, in either direction."""
    kept, at = [], 0
    while at < len(text):
        length = max((_run(text, at, row) for row in _both_ways()), default=0)
        if length < _STEP:
            kept.append(text[at])
        at += max(length, 1) if length >= _STEP else 1
    return "".join(kept)


def _run(text: str, at: int, row: str) -> int:
    start, length = row.find(text[at]), 0
    if start < 0:
        return 0
    while start + length < len(row) and text[at + length : at + length + 1] == row[start + length]:
        length += 1
    return length


def _both_ways() -> Iterator[str]:
    for row in _ROWS:
        yield row
        yield row[::-1]


_LONGEST_FIRST = tuple(sorted((word for word in _WORDS if len(word) >= _STEP), key=len, reverse=True))
