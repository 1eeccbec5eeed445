"""Where requests may go, and that they go nowhere else."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from litestar import Litestar

from nephoscope.errors import BadRequestError, SettingsError, UnavailableError
from nephoscope.kit.outbound import LARGEST_ANSWER, Outbound
from served import self_signed, serve

PUBLIC = "93.184.216.34"


def leading_to(*addresses: str, allowed: Iterable[str] = ()) -> Outbound:
    return Outbound(allowed, lambda _host, _port: addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::a00:1", "100.100.100.200",
        "::7f00:1", "::a9fe:a9fe", "fec0::1", "64:ff9b:1::1", "not an address",
        "168.63.129.16", "::ffff:168.63.129.16", "169.254.170.23", "fd00:ec2::23", "fd20:ce::254", "192.0.0.192",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(address: str) -> None:
    outbound = leading_to(address)
    assert not outbound.allows(address)
    with pytest.raises(BadRequestError, match="NEPHOSCOPE_ALLOWED_NETWORKS"):
        outbound.check("https://hook.example.com/")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert leading_to(address).check("https://hook.example.com/x?y=1").path == "/x?y=1"


def test_one_address_inside_among_several_refuses_them_all() -> None:
    with pytest.raises(BadRequestError, match=r"10\.0\.0\.1"):
        leading_to(PUBLIC, "10.0.0.1").check("https://hook.example.com/")


def test_a_network_can_be_allowed_but_metadata_only_by_name() -> None:
    assert leading_to("10.1.2.3", allowed=["10.0.0.0/8"]).allows("10.1.2.3")
    for network, address in (
        ("169.254.0.0/16", "169.254.170.23"),
        ("fd00::/8", "fd20:ce::254"),
        ("0.0.0.0/0", "168.63.129.16"),
    ):
        assert not leading_to(allowed=[network]).allows(address)
    assert not leading_to(allowed=["169.254.0.0/16"]).allows("169.254.169.254")
    assert leading_to(allowed=["169.254.169.254"]).allows("169.254.169.254")
    with pytest.raises(SettingsError, match="NEPHOSCOPE_ALLOWED_NETWORKS"):
        Outbound(["ten"])


@pytest.mark.parametrize(
    "url",
    [
        "", "hook", "ftp://example.com/", "file:///etc/passwd", "https://", "https://user:pass@example.com/",
        "http://example.com:0/", "http://exa mple.com/", "http://[::1/", "gopher://example.com", "https://ex\nample.com",
        "http://example.com:99999/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(BadRequestError):
        leading_to(PUBLIC).check(url)


def test_a_name_that_does_not_resolve_is_named() -> None:
    def fails(_host: str, _port: int) -> Iterable[str]:
        raise OSError

    with pytest.raises(UnavailableError, match=r"nowhere\.example"):
        Outbound((), fails).check("https://nowhere.example/")


class _Hooks(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/drip"):
            self._drip(in_headers=self.path == "/drip-headers")
            return
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://inside.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * (LARGEST_ANSWER + 1) if self.path == "/huge" else self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, *, in_headers: bool) -> None:
        """A byte now and then, until nobody listens any more."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: " if in_headers else b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            while not ENDED.wait(0.01):
                self.wfile.write(b"x")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Quiet."""


ENDED = threading.Event()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hooks)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    ENDED.set()
    server.shutdown()
    server.server_close()
    thread.join()


def hosts(host: str, _port: int) -> Iterable[str]:
    return {"hook.example": ["127.0.0.1"], "inside.example": ["192.168.0.1"]}[host]


def test_a_request_goes_to_the_address_that_was_checked(port: int) -> None:
    answers = iter([["127.0.0.1"], ["192.168.0.9"]])
    outbound = Outbound(["127.0.0.1"], lambda _host, _port: next(answers))
    reply = outbound.send("POST", f"http://hook.example:{port}/", body=b"{}")
    assert (reply.status, reply.body) == (200, f"hook.example:{port}".encode())


def test_a_redirect_is_checked_as_well(port: int) -> None:
    outbound = Outbound(["127.0.0.1"], hosts)
    with pytest.raises(BadRequestError, match=r"192\.168\.0\.1"):
        outbound.send("GET", f"http://hook.example:{port}/away")
    assert outbound.send("POST", f"http://hook.example:{port}/away").status == 302


def test_an_answer_without_end_is_refused(port: int) -> None:
    with pytest.raises(UnavailableError, match="bytes"):
        Outbound(["127.0.0.1"], hosts).send("GET", f"http://hook.example:{port}/huge")


@pytest.mark.parametrize("path", ["/drip", "/drip-headers"])
def test_an_answer_that_drips_is_cut_off(port: int, path: str) -> None:
    with pytest.raises(UnavailableError, match=r"hook\.example"):
        Outbound(["127.0.0.1"], hosts, most_seconds=0.2).send("GET", f"http://hook.example:{port}{path}")


def test_tls_is_for_the_name_and_not_for_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    outbound = Outbound(["127.0.0.1"], lambda _host, _port: ["127.0.0.1"])
    with serve(Litestar([], logging_config=None), certificate) as address:
        assert outbound.send("GET", f"{address}/").status == 404
        with pytest.raises(UnavailableError, match="SSLError"):
            outbound.send("GET", address.replace("127.0.0.1", "hook.example") + "/")


def test_nobody_there_is_said() -> None:
    with pytest.raises(UnavailableError, match=r"hook\.example"):
        Outbound(["127.0.0.1"], hosts).send("GET", "http://hook.example:9/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.com/hook", ""),
        ("http://10.0.0.7/x", ""),
        ("https://8.8.8.8/", ""),
        ("http://169.254.169.254/latest", "not on the public internet"),
        ("http://[::1]/", "not on the public internet"),
        ("http://[::ffff:192.168.0.1]:8080/", "not on the public internet"),
        ("http://[", "not a URL"),
        ("http://2130706433/", "public internet"),
        ("http://0x7f.0x1/", "public internet"),
        ("http://0251.0376.0251.0376/", "public internet"),
        ("http://10.1/", ""),
        ("http://1.1/", ""),
        ("http://host:99999/", "not a URL"),
        ("ftp://example.com/", "not an address"),
        ("https://me:secret@example.com/", "must not hold"),
        ("https://exämple.com/", "printable"),
        ("", "not an address"),
    ],
)
def test_what_a_url_says_of_itself_is_known_without_asking_for_names(url: str, words: str) -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise AssertionError("a name was asked for")

    found = Outbound(["10.0.0.0/8"], resolve=nobody).refusal(url)
    assert (words in found, bool(found)) == (True, bool(words))
