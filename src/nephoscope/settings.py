"""What the program was started with. The only room that reads the environment."""

import os
from pathlib import Path

import msgspec
import platformdirs


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
    request_body_limit: int = 10 * 1024 * 1024
    """Bytes."""


def default_data_directory() -> Path:
    return Path(platformdirs.user_data_dir("nephoscope", appauthor=False))


def from_environment(*, data: Path | None, database_url: str = "", host: str = "", port: int | None = None) -> Settings:
    """Flags first, then NEPHOSCOPE_* variables, then defaults."""
    env = os.environ
    return Settings(
        data=data,
        database_url=database_url or env.get("NEPHOSCOPE_DATABASE", ""),
        host=host or env.get("NEPHOSCOPE_HOST", "127.0.0.1"),
        port=port if port is not None else int(env.get("NEPHOSCOPE_PORT", "8000")),
        admin_password=env.get("NEPHOSCOPE_ADMIN_PASSWORD", ""),
        unknown_token_is_empty=env.get("NEPHOSCOPE_UNKNOWN_TOKEN", "") == "empty",
        wrapped_resource_detail=env.get("NEPHOSCOPE_RESOURCE_DETAIL", "") == "wrapped",
    )


_AWS_DETOURS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")


def lend_aws_credentials(access_key: str, secret_key: str) -> None:
    """Make this process ask clouds with these credentials, whatever else is configured: for simulations."""
    os.environ.update(AWS_ACCESS_KEY_ID=access_key, AWS_SECRET_ACCESS_KEY=secret_key, AWS_EC2_METADATA_DISABLED="true")
    for name in _AWS_DETOURS:
        os.environ.pop(name, None)
