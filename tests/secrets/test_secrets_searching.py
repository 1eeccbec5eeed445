"""The search itself: cuts, encodings, layers, budgets, and what is left of a secret."""

import base64
import gzip
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nephoscope.model.secrets import SecretNote, SecretSeverity
from nephoscope.secrets.candidates import Candidate, Judged
from nephoscope.secrets.decoding import DEEPEST, LONGEST_RUN
from nephoscope.secrets.masking import digest, preview
from nephoscope.secrets.sampling import sample
from nephoscope.secrets.searching import Limits, Searcher
from nephoscope.secrets.windows import windows
from secret_world import KEY, found_in, now, one_in, rules_in, searcher

TOKEN = sample("<github:ghp_>")
PLANTED = (
    TOKEN,
    sample("aws_secret_access_key=<b64:40>"),
    sample("<pem:RSA PRIVATE KEY>"),
    sample("postgres://app:<pass:16>@db.corp.net/main"),
    b"data: " + base64.b64encode(b"token=" + TOKEN),
    sample("<jwt:fresh>"),
)
WORDS = (
    b"the ",
    b"server ",
    b"listens\n",
    b"on ",
    b"port ",
    b"8080;\n",
    b"password ",
    b"= ",
    b"\r\n",
    b"\xc3\xa9t\xc3\xa9 ",
)


def _random(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same draw every time


def _text(seed: int, size: int) -> bytes:
    """Words, with secrets among them."""
    random, parts, length = _random(seed), [], 0
    while length < size:
        part = b"\n" + random.choice(PLANTED) + b"\n" if random.random() < 0.002 else random.choice(WORDS)
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _cut(content: bytes, random: Random, most: int) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        size = random.randint(1, most)
        yield content[at : at + size]
        at += size


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), width=st.integers(1, 100_000), most=st.sampled_from([100, 5_000, 70_000, 10**6]))
def test_what_is_found_does_not_depend_on_the_cuts(seed: int, width: int, most: int) -> None:
    content = _text(seed, 200_000)
    whole = searcher().search_chunks("/srv/notes.txt", [content])
    cut = Searcher(KEY, now, width=max(width, 4_096)).search_chunks(
        "/srv/notes.txt", _cut(content, _random(seed), most)
    )
    assert cut == whole


def test_planted_secrets_are_found_and_counted_at_their_lines() -> None:
    content = _text(3, 400_000)
    found = {one.digest: one for one in found_in(content)}
    one = found[digest(KEY, TOKEN)]
    assert one.line == content[: content.index(TOKEN)].count(b"\n") + 1
    assert one.times == content.count(TOKEN) + content.count(PLANTED[4])


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=4_000), tail=st.sampled_from(PLANTED), path=st.sampled_from(["/a", "/x/.npmrc"]))
def test_no_bytes_make_it_fail(content: bytes, tail: bytes, path: str) -> None:
    for mixed in (content, content + tail[: len(content)], b"\x1f\x8b\x08" + content, b"\xff\xfe" + content):
        searched = searcher().search_chunks(path, [mixed])
        assert all(one.severity in SecretSeverity for one in searched.found)


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=3_000), chunk=st.integers(1, 500), width=st.integers(1, 700), margin=st.integers(0, 300)
)
def test_windows_cover_every_byte_once(content: bytes, chunk: int, width: int, margin: int) -> None:
    chunks = [content[at : at + chunk] for at in range(0, len(content), chunk)]
    made = list(windows(chunks, width, margin))
    assert b"".join(one.data[one.start - one.base : one.end - one.base] for one in made) == content
    for one in made:
        assert one.line == content[: one.base].count(b"\n") + 1
        assert one.base <= max(0, one.start - margin)
        assert one.base + len(one.data) >= min(len(content), one.end + margin)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_text(codec: str) -> None:
    content = ("Windows Registry Editor\r\n\r\n" * 3 + TOKEN.decode() + "\r\n").encode(codec)
    found = one_in(content)
    assert (found.rule, found.line) == ("github-personal-token", 7)


def test_gzip_is_opened_within_the_limit_of_bytes() -> None:
    log = b"line\n" * 1000 + TOKEN
    assert one_in(gzip.compress(log), "/var/log/app.log.1.gz").line == 1001
    assert one_in(gzip.compress(b"a\n") + gzip.compress(TOKEN)).line == 2
    bomb = gzip.compress(b"0" * 20_000_000 + TOKEN)
    searched = Searcher(KEY, now, limits=Limits(bytes=1_000_000)).search_chunks("/srv/b.gz", [bomb])
    assert searched.cut == "only the first 1,000,000 bytes were searched"
    assert searched.read <= 1_000_000 + len(bomb)
    assert not found_in(gzip.compress(log)[:-900][:60], "/var/log/cut.gz")


def test_base64_is_undone_twice_and_not_more() -> None:
    layers = b"key " + TOKEN
    for depth in range(1, DEEPEST + 1):
        layers = b"blob: " + base64.b64encode(layers)
        found = one_in(layers)
        assert (found.rule, found.line) == ("github-personal-token", 1), depth
        assert SecretNote.DECODED in found.notes
    assert not found_in(b"blob: " + base64.b64encode(layers))


def test_base64_over_many_lines_is_one_text() -> None:
    text = b"some words first, so that the token lies across lines\n" * 2 + TOKEN + b"\nand some after\n" * 9
    folded = base64.encodebytes(text)
    found = one_in(b"first line\n" + folded)
    assert (found.rule, found.line, found.times) == ("github-personal-token", 2, 1)


def test_the_name_of_a_kubernetes_secret_counts_inside() -> None:
    manifest = b"kind: Secret\ndata:\n  AWS_SECRET_ACCESS_KEY: " + base64.b64encode(sample("<b64:40>")) + b"\n"
    found = one_in(manifest)
    assert (found.rule, found.line) == ("aws-secret-access-key", 3)


def test_encoded_powershell_is_read() -> None:
    command = base64.b64encode(("$env:T='" + TOKEN.decode() + "'").encode("utf-16-le"))
    assert one_in(b"powershell -EncodedCommand " + command).rule == "github-personal-token"


def test_helm_releases_are_gzip_in_base64_in_base64() -> None:
    release = base64.b64encode(gzip.compress(b'{"chart": "x", "token": "' + TOKEN + b'"}'))
    assert one_in(b"  release: " + base64.b64encode(release)).rule == "github-personal-token"


def test_base64_is_undone_to_a_bound() -> None:
    assert found_in(b"x: " + base64.b64encode(b"word " * 1000 + TOKEN))
    assert not found_in(b"x: " + base64.b64encode(b"word " * LONGEST_RUN + TOKEN))


def test_binary_files_are_asked_for_what_survives_compiling() -> None:
    binary = b"\x7fELF\x02\x01\x01\x00\x00" + bytes(range(256)) * 40
    found = one_in(binary + b"\x00" + TOKEN + b"\x00")
    assert (found.rule, found.line) == ("github-personal-token", 0)
    assert not found_in(binary + sample("\ndb_password=<pass:16>\n"))
    assert found_in(sample("\ndb_password=<pass:16>\n"))


def test_one_secret_in_many_places_of_a_file_is_one_finding() -> None:
    found = one_in(b"\n\n" + TOKEN + b"\n" + TOKEN + b"\nx" + b"\n" + TOKEN)
    assert (found.line, found.times) == (3, 3)


def test_the_more_telling_rule_wins() -> None:
    assert rules_in(b"GITHUB_TOKEN=" + TOKEN) == ["github-personal-token"]
    assert rules_in(sample("DATABASE_URL=postgres://app:<pass:16>@db.corp.net/main")) == ["postgres-url"]


def test_a_budget_of_places_ends_at_the_same_place_however_it_is_cut() -> None:
    content = b"\n".join(sample("<github:ghp_>", seed) for seed in range(300))
    limits = Limits(places=100)
    whole = Searcher(KEY, now, limits=limits).search_chunks("/a", [content])
    cut = Searcher(KEY, now, limits=limits, width=4_096).search_chunks("/a", _cut(content, _random(1), 50))
    assert whole.cut == cut.cut == "more than 100 places that look like secrets"
    assert len(whole.found) == 100
    assert whole.found == cut.found


def test_a_budget_of_seconds_keeps_what_was_found() -> None:
    seconds = iter(range(1000))
    limited = Searcher(KEY, now, limits=Limits(seconds=10), timer=lambda: next(seconds))
    searched = limited.search_chunks("/a", [b"\n".join(sample("<github:ghp_>", seed) for seed in range(50))])
    assert searched.cut == "more than 10 seconds"
    assert 0 < len(searched.found) < 50


def test_paths_that_are_no_utf8_can_be_kept() -> None:
    searched = searcher().search_chunks("/srv/\udcff.txt", [TOKEN])
    assert msgspec.json.decode(msgspec.json.encode(searched.found[0]))["path"] == "/srv/\\udcff.txt"


class _Ranges:
    """Content that is read in ranges, and never answers more than a little at once."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, offset: int, size: int) -> bytes:
        return self._content[offset : offset + min(size, 1000)]


def test_content_is_read_in_ranges() -> None:
    content = _text(5, 50_000)
    searched = searcher().search("/a", _Ranges(content))
    assert searched.found == found_in(content, "/a")
    assert searched.read == len(content)


@given(st.text(min_size=1, max_size=200))
def test_a_mask_shows_a_quarter_at_most(text: str) -> None:
    shown = preview(text.encode())
    letters = shown.replace("*", "")
    assert len(letters) <= max(0, len(text) // 4)
    assert len(letters) <= 6
    assert shown.count("*") >= 8


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("hunter2", "********"),
        ("fifteen-letters", "********"),
        ("sixteen--letters", "sixt********"),
        ("twenty-four-letters-long", "twen********ng"),
        ("line\x1bone-and-some-more", "line********"),
    ],
)
def test_masks(secret: str, shown: str) -> None:
    assert preview(secret.encode()) == shown


def test_digests_need_the_key() -> None:
    assert digest(KEY, TOKEN) != digest(b"another", TOKEN)
    assert len(digest(KEY, TOKEN)) == 64


def test_no_text_of_a_finding_holds_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    content = _text(1, 100_000)
    body = TOKEN.decode()[4:-2]
    for one in found_in(content):
        assert body not in repr(one)
        assert body not in msgspec.json.encode(one).decode()
    assert body not in caplog.text
    candidate = Candidate(content, (0, 100), SecretSeverity.LOW, datetime(2026, 1, 1, tzinfo=UTC))
    assert repr(candidate) == "Candidate(100 bytes)"
    assert "core" not in repr(Judged(SecretSeverity.LOW, core=TOKEN))


def test_a_finding_keeps_its_uuid_when_it_moves() -> None:
    resource = UUID(int=1)
    first, moved = one_in(TOKEN), one_in(b"\n\n" + TOKEN)
    assert first.line != moved.line
    assert first.uuid_on(resource) == moved.uuid_on(resource)
    assert first.uuid_on(UUID(int=2)) != first.uuid_on(resource)
    assert one_in(TOKEN, "/other").uuid_on(resource) != first.uuid_on(resource)


def test_severities_have_an_order_and_ends() -> None:
    assert SecretSeverity.LOW.lowered() is SecretSeverity.LOW
    assert SecretSeverity.CRITICAL.raised() is SecretSeverity.CRITICAL
    assert [one.rank for one in SecretSeverity] == [0, 1, 2, 3]
