"""A provider of OpenID Connect on loopback: it takes a code once, checks PKCE and the client, and signs what it is
told to say."""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from worlds import FakeClock

CLIENT_ID, CLIENT_SECRET = "nephoscope", "a secret of the provider"


class FakeProvider:
    """`says` are the claims of whoever logs in next; `spoil` may change the claims, `sign` how they are signed."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.issuer = ""
        self.says: dict[str, Any] = {"sub": "u-1", "preferred_username": "ann", "groups": ["staff", "audit"]}
        self.spoil: dict[str, Any] = {}
        self.key: Any = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid, self.algorithm = "k1", "RS256"
        self.published: dict[str, Any] = {self.kid: self.key}
        self.odd_keys: list[Any] = []
        self.userinfo: dict[str, Any] | None = None
        self.codes: dict[str, dict[str, list[str]]] = {}
        self.asked: list[str] = []

    def visit(self, location: str) -> tuple[str, str]:
        """What a browser does with the address that it is sent to: state and a fresh code."""
        query = parse_qs(urlsplit(location).query)
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return query["state"][0], code

    def replace_key(self) -> None:
        self.kid, self.algorithm, self.key = "k2", "ES256", ec.generate_private_key(ec.SECP256R1())
        self.published[self.kid] = self.key

    def described(self) -> dict[str, Any]:
        more = {"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.userinfo is not None else {}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            **more,
        }

    def key_set(self) -> dict[str, Any]:
        rows = []
        for kid, key in self.published.items():
            algorithm = (
                jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
            )
            rows.append({**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"})
        return {"keys": [*self.odd_keys, *rows]}

    def exchange(self, form: dict[str, list[str]], authorization: str) -> dict[str, Any] | None:
        query = self.codes.pop(form["code"][0], None)
        if query is None or b64decode(authorization.partition(" ")[2]).decode().split(":") != [
            CLIENT_ID,
            CLIENT_SECRET.replace(" ", "+"),
        ]:
            return None
        digest = sha256(form["code_verifier"][0].encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != query["code_challenge"][0]:
            return None
        if form["redirect_uri"] != query["redirect_uri"]:
            return None
        now = int(self.clock().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": query["nonce"][0]}
        claims |= {**self.says, **self.spoil}
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": self.kid})
        return {"id_token": token, "access_token": "opaque", "token_type": "Bearer"}


@contextmanager
def serving(provider: FakeProvider) -> Iterator[FakeProvider]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            pages: dict[str, Callable[[], Any]] = {
                "/.well-known/openid-configuration": provider.described,
                "/jwks": provider.key_set,
                "/userinfo": lambda: provider.userinfo,
            }
            self._answer(pages[self.path]())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(provider.exchange(parse_qs(body), self.headers.get("Authorization", "")))

        def _answer(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200 if value is not None else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
