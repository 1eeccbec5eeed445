"""What the program was started with. The only room that reads the environment."""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import platformdirs

from nephoscope.errors import SettingsError

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request's body, when nothing else is said."""
_OURS = "NEPHOSCOPE_"
_OIDC_FILE = "NEPHOSCOPE_OIDC_FILE"
_LAST_PORT = 65_535
_HANDED = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what a unit loads with LoadCredential."""


VARIABLES = frozenset(
    {
        "NEPHOSCOPE_ADMIN_PASSWORD",
        "NEPHOSCOPE_ADVISORIES",
        "NEPHOSCOPE_ALLOWED_NETWORKS",
        "NEPHOSCOPE_APPROVAL",
        "NEPHOSCOPE_CONCURRENCY_LIMIT",
        "NEPHOSCOPE_DATABASE",
        "NEPHOSCOPE_ENDPOINT_OVERRIDES",
        "NEPHOSCOPE_HOST",
        "NEPHOSCOPE_KEY",
        "NEPHOSCOPE_KEY_COMMAND",
        "NEPHOSCOPE_KEY_FILE",
        "NEPHOSCOPE_LOG",
        "NEPHOSCOPE_MAIL_FROM",
        "NEPHOSCOPE_METRICS_NETWORKS",
        "NEPHOSCOPE_OIDC_CLIENT_ID",
        "NEPHOSCOPE_OIDC_CLIENT_SECRET",
        "NEPHOSCOPE_OIDC_DEFAULT_ROLE",
        "NEPHOSCOPE_OIDC_FILE",
        "NEPHOSCOPE_OIDC_ISSUER",
        "NEPHOSCOPE_OIDC_NAME_CLAIM",
        "NEPHOSCOPE_OIDC_ROLES",
        "NEPHOSCOPE_OIDC_ROLE_CLAIM",
        "NEPHOSCOPE_OIDC_SCOPES",
        "NEPHOSCOPE_PORT",
        "NEPHOSCOPE_PUBLIC_URL",
        "NEPHOSCOPE_RATE_LIMIT",
        "NEPHOSCOPE_REPORT_DAYS",
        "NEPHOSCOPE_REPORT_FOLDER",
        "NEPHOSCOPE_REQUEST_BODY_LIMIT",
        "NEPHOSCOPE_RESOURCE_DETAIL",
        "NEPHOSCOPE_RESOURCE_SECRETS",
        "NEPHOSCOPE_SMTP",
        "NEPHOSCOPE_TIME_ZONE",
        "NEPHOSCOPE_TLS_CERT",
        "NEPHOSCOPE_TLS_KEY",
        "NEPHOSCOPE_TRUSTED_PROXIES",
        "NEPHOSCOPE_UNKNOWN_TOKEN",
    }
)
"""All of ours that are read: one beside them is misspelt, and what it was to do is not done."""


class SignOn(msgspec.Struct, frozen=True):
    """A provider of OpenID Connect. `roles` are pairs of what the claim says and the role that it means here, the first
    that fits counts; `default_role` empty means that nobody else comes in."""

    issuer: str
    client_id: str
    public_url: str
    client_secret: str = ""
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: tuple[tuple[str, str], ...] = ()
    default_role: str = ""
    name: str = ""
    """What it is called here, where there are several."""

    @property
    def callback(self) -> str:
        return f"{self.public_url}/api/sso/callback"


class _Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file of providers."""

    issuer: str
    client_id: str
    client_secret: str = ""
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: dict[str, str] = {}
    default_role: str = ""


class Settings(msgspec.Struct, frozen=True):
    """`database_url` empty means SQLite inside `data`; `data` None means nothing is kept (a scan in memory)."""

    data: Path | None
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    admin_password: str = ""
    """For the first start only; generated and printed once when empty."""
    admin_name: str = "admin"
    workers: int = 32
    """Cloud calls at the same time."""
    unknown_token_is_empty: bool = False
    """Answer a filter with an unknown token with an empty page instead of a 400 (contract §8.2)."""
    wrapped_resource_detail: bool = False
    """Answer resource details as `{"content": [...]}`, as one sample prints them (contract §10)."""
    shows_secret_keys: bool = True
    """Instances with secrets carry the keys that say so, which one widespread client cannot read (contract §7.5)."""
    request_body_limit: int = BODY_LIMIT
    """Bytes."""
    keys: str = ""
    """What credentials are encrypted with, in base64, the newest first (see `kit.sealing`)."""
    key_file: Path | None = None
    """Where the keys are instead; by default `key` in the data directory, made when first needed."""
    key_command: str = ""
    """A command that prints the keys instead: a password store, a secret of the cloud."""
    tls_certificate: Path | None = None
    """PEM; with it the server speaks https."""
    tls_key: Path | None = None
    """PEM; when it is not in the certificate's file."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies that say who the client is (`X-Forwarded-For`, `X-Forwarded-Proto`)."""
    metrics_networks: tuple[str, ...] = ()
    """Who asks for `/metrics` from here needs no identity."""
    log: str = ""
    """`json` or `text`: log every request and run to stderr; empty: warnings and errors alone."""
    tracing_endpoint: str = ""
    """Where an OpenTelemetry collector takes OTLP over HTTP."""
    report_folder: Path | None = None
    """Scheduled reports may be written here, and below."""
    smtp: str = ""
    """Where mails go: `smtp://user:password@host:587` or `smtps://…`."""
    mail_from: str = ""
    """The address that mails come from."""
    rate_limit: int = 0
    """Requests that one identity may make in a minute; 0 is no limit."""
    concurrency_limit: int = 0
    """Requests that one identity may have under way at the same time; 0 is no limit."""
    allowed_networks: tuple[str, ...] = ()
    """Networks beside the public internet that webhooks and identity providers may be in."""
    endpoint_overrides: bool = False
    """Connectors may name another address than their cloud's: for sovereign clouds and simulations."""
    public_url: str = ""
    """Where browsers and tokens find this server, without a slash at the end."""
    sign_ons: tuple[SignOn, ...] = ()
    """The first is where one comes in who names none."""
    time_zone: str = "UTC"
    """The tenant's, by its IANA name: the first and last days of exceptions are days there."""
    needs_approval: bool = False
    """Exceptions take effect only when somebody else than who asked for them has approved them."""

    report_days: int = 7
    """How long a report is kept once it is there."""

    advisories: Path | None = None
    """The file of advisories; by default the one in the data directory."""

    @property
    def zone(self) -> ZoneInfo:
        """SettingsError for a name that is no time zone."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SettingsError(
                f"NEPHOSCOPE_TIME_ZONE is {self.time_zone[:60]!r}, which is no time zone; expected a name such as "
                "Europe/Berlin or UTC."
            ) from None


class _Environment:
    """Variables, each read as what it means. SettingsError, with what was expected, for one that means nothing: a
    misspelt word must not switch something on, nor off without a sound."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str) -> str:
        return self._variables.get(name, "")

    def path(self, name: str) -> Path | None:
        text = self.text(name)
        return Path(text) if text else None

    def list_of(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def word(self, name: str, *words: str, also: str = "") -> str:
        """One of the words, in any case, or empty. `also` is accepted and not told."""
        word = self.text(name).lower()
        if word not in {"", also, *words}:
            raise SettingsError(f"{name} is {self.text(name)[:60]!r}; expected {' or '.join(words)}.")
        return word

    def count(self, name: str, default: int = 0) -> int:
        """A whole number that is not negative."""
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
            raise SettingsError(f"{name} is {text[:60]!r}; expected a whole number.")
        return int(text) if text else default


_DIGITS = 10


def default_data_directory() -> Path:
    return Path(platformdirs.user_data_dir("nephoscope", appauthor=False))


def from_environment(*, data: Path | None, database_url: str = "", host: str = "", port: int | None = None) -> Settings:
    """Flags first, then NEPHOSCOPE_* variables, then defaults."""
    env = _Environment(os.environ)
    return Settings(
        data=data,
        database_url=database_url or env.text("NEPHOSCOPE_DATABASE"),
        host=host or env.text("NEPHOSCOPE_HOST") or "127.0.0.1",
        port=port if port is not None else _port(env.count("NEPHOSCOPE_PORT", 8000)),
        admin_password=env.text("NEPHOSCOPE_ADMIN_PASSWORD"),
        unknown_token_is_empty=env.word("NEPHOSCOPE_UNKNOWN_TOKEN", "error", "empty") == "empty",
        wrapped_resource_detail=env.word("NEPHOSCOPE_RESOURCE_DETAIL", "bare", "wrapped") == "wrapped",
        request_body_limit=env.count("NEPHOSCOPE_REQUEST_BODY_LIMIT") or BODY_LIMIT,
        shows_secret_keys=env.word("NEPHOSCOPE_RESOURCE_SECRETS", "shown", "hidden") != "hidden",
        keys=env.text("NEPHOSCOPE_KEY"),
        key_file=env.path("NEPHOSCOPE_KEY_FILE"),
        key_command=env.text("NEPHOSCOPE_KEY_COMMAND"),
        advisories=env.path("NEPHOSCOPE_ADVISORIES"),
        tls_certificate=env.path("NEPHOSCOPE_TLS_CERT"),
        tls_key=env.path("NEPHOSCOPE_TLS_KEY"),
        trusted_proxies=env.list_of("NEPHOSCOPE_TRUSTED_PROXIES"),
        metrics_networks=env.list_of("NEPHOSCOPE_METRICS_NETWORKS"),
        log=env.word("NEPHOSCOPE_LOG", "json", "text"),
        tracing_endpoint=env.text("OTEL_EXPORTER_OTLP_ENDPOINT"),
        report_folder=env.path("NEPHOSCOPE_REPORT_FOLDER"),
        smtp=env.text("NEPHOSCOPE_SMTP"),
        mail_from=env.text("NEPHOSCOPE_MAIL_FROM"),
        rate_limit=env.count("NEPHOSCOPE_RATE_LIMIT"),
        concurrency_limit=env.count("NEPHOSCOPE_CONCURRENCY_LIMIT"),
        allowed_networks=env.list_of("NEPHOSCOPE_ALLOWED_NETWORKS"),
        endpoint_overrides=env.word("NEPHOSCOPE_ENDPOINT_OVERRIDES", "off", "on") == "on",
        public_url=_public_url(env),
        sign_ons=(*_sign_on(env), *_more_sign_ons(env)),
        time_zone=env.text("NEPHOSCOPE_TIME_ZONE") or "UTC",
        needs_approval=env.word("NEPHOSCOPE_APPROVAL", "off", "required", also="on") in {"required", "on"},
        report_days=_days(env.text("NEPHOSCOPE_REPORT_DAYS") or "7"),
    )


def is_open_to_others(path: Path) -> bool:
    """Whether somebody else may read the file. What systemd hands to a unit as a credential is in a directory of the
    unit's own, and given to its user by an access list, which shows as a right of the group."""
    handed = os.environ.get(_HANDED, "")
    is_handed = bool(handed) and path.parent == Path(handed)
    return bool(path.stat().st_mode & (0o037 if is_handed else 0o077))


def _port(number: int) -> int:
    if number > _LAST_PORT:
        raise SettingsError(f"NEPHOSCOPE_PORT is '{number}'; expected 0 to {_LAST_PORT}.")
    return number


def unknown_variables() -> tuple[str, ...]:
    """A sentence for each NEPHOSCOPE_ variable that nobody reads, with the nearest that somebody does."""
    found = sorted(name for name in os.environ if name.startswith(_OURS) and name not in VARIABLES)
    return tuple(f"{name[:80]} is set, but there is no such setting{_nearest(name)}." for name in found)


def _nearest(name: str) -> str:
    known = sorted(variable.removeprefix(_OURS) for variable in VARIABLES)
    near = get_close_matches(name.removeprefix(_OURS), known, n=1)
    return f"; {_OURS}{near[0]} is one" if near else ""


def _public_url(env: _Environment) -> str:
    url = env.text("NEPHOSCOPE_PUBLIC_URL").strip().rstrip("/")
    if url and not _is_address(url):
        raise SettingsError(f"NEPHOSCOPE_PUBLIC_URL is {url[:80]!r}; expected such as https://nephoscope.example.")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment


def _sign_on(env: _Environment) -> tuple[SignOn, ...]:
    """None without an issuer."""
    issuer, client_id = env.text("NEPHOSCOPE_OIDC_ISSUER"), env.text("NEPHOSCOPE_OIDC_CLIENT_ID")
    if not issuer:
        return ()
    needed = {"NEPHOSCOPE_OIDC_CLIENT_ID": client_id, "NEPHOSCOPE_PUBLIC_URL": _public_url(env)}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise SettingsError(f"NEPHOSCOPE_OIDC_ISSUER also needs {' and '.join(missing)}.")
    one = SignOn(
        issuer=issuer,
        client_id=client_id,
        public_url=_public_url(env),
        client_secret=env.text("NEPHOSCOPE_OIDC_CLIENT_SECRET"),
        scopes=env.text("NEPHOSCOPE_OIDC_SCOPES") or "openid profile email",
        name_claim=env.text("NEPHOSCOPE_OIDC_NAME_CLAIM") or "preferred_username",
        role_claim=env.text("NEPHOSCOPE_OIDC_ROLE_CLAIM") or "groups",
        roles=_role_pairs(env.text("NEPHOSCOPE_OIDC_ROLES")),
        default_role=env.text("NEPHOSCOPE_OIDC_DEFAULT_ROLE").strip(),
        name="default",
    )
    return (one,)


def _more_sign_ons(env: _Environment) -> Iterator[SignOn]:
    """From a file: a table of TOML for each, under the name that it has here."""
    path = env.path(_OIDC_FILE)
    if path is None:
        return
    try:
        tables = msgspec.toml.decode(path.read_bytes(), type=dict[str, _Provider])
        is_open = is_open_to_others(path)
    except OSError as error:
        raise SettingsError(f"{_OIDC_FILE}: {path} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{_OIDC_FILE}: {path} is no file of providers: {error}.") from None
    if is_open and any(table.client_secret for table in tables.values()):
        raise SettingsError(f"{_OIDC_FILE}: {path} holds secrets and is open to others: chmod 600 {path}")
    url = _public_url(env)
    if tables and not url:
        raise SettingsError(f"{_OIDC_FILE} also needs NEPHOSCOPE_PUBLIC_URL.")
    for name, table in tables.items():
        fields = msgspec.structs.asdict(table) | {"roles": tuple(table.roles.items())}
        yield SignOn(name=name, public_url=url, **fields)


def _role_pairs(text: str) -> tuple[tuple[str, str], ...]:
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not word.strip() or not role.strip() for word, _, role in parts):
        raise SettingsError(f"NEPHOSCOPE_OIDC_ROLES is {text[:80]!r}; expected such as admins=Manager,audit=Auditor.")
    return tuple((word.strip(), role.strip()) for word, _, role in parts)


_MOST_DAYS = 3_650


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_MOST_DAYS)) + 1 else 0
    if not 1 <= days <= _MOST_DAYS:
        raise SettingsError(
            f"NEPHOSCOPE_REPORT_DAYS is {text[:60]!r}; expected a whole number of days from 1 to {_MOST_DAYS}."
        )
    return days


_AWS_DETOURS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")


def lend_aws_credentials(access_key: str, secret_key: str) -> None:
    """Make this process ask clouds with these credentials, whatever else is configured: for simulations."""
    os.environ.update(AWS_ACCESS_KEY_ID=access_key, AWS_SECRET_ACCESS_KEY=secret_key, AWS_EC2_METADATA_DISABLED="true")
    for name in _AWS_DETOURS:
        os.environ.pop(name, None)
