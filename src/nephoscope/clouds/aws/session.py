"""Entering an account: whose credentials, which partition, which regions; and the clients that calls go through.

One botocore session carries everything that is expensive (credentials, parsed service models, endpoint rules), so that
a client for one more region costs about a millisecond. Clients are shared by all threads.
"""

import functools
import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, DataNotFoundError, UnknownRegionError, UnknownServiceError
from botocore.hooks import HierarchicalEmitter
from botocore.httpsession import get_cert_path
from botocore.model import OperationModel
from botocore.paginate import Paginator
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies, parse_timestamp

from nephoscope.clouds.aws.models import ModelFiles
from nephoscope.clouds.aws.transport import Transport
from nephoscope.clouds.pacing import Limits
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AwsAccess

HOME_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""Where global services of a partition are asked, unless the environment names another region of it."""

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_OK = 200
_SESSION_NAME = "nephoscope"
_REGION = re.compile(r"[a-z]{2,8}(-[a-z]{2,16}){1,3}-[0-9]{1,2}")


class Clients:
    """One client per (service, region), made when first used. Thread-safe."""

    def __init__(self, session: botocore.session.Session, endpoint_url: str, limits: Limits) -> None:
        self._session = session
        self._endpoint_url = endpoint_url or None
        self._limits = limits
        self._elsewhere: dict[str, bool] = {}
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._paginators: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._lock = threading.Lock()
        self._transport = Transport(str(get_cert_path(session.get_config_variable("ca_bundle") or True)), limits)
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="clients")

    def client(self, service: str, region: str) -> BaseClient:
        """Raises BotoCoreError for a service that botocore does not know or a malformed region."""
        found = self._clients.get((service, region))
        if found is not None:
            return found
        return self._maker.submit(self._make, service, region).result()

    def operation(self, service: str, region: str, method: str) -> str:
        """`get_bucket_policy` → `GetBucketPolicy`."""
        name: str = self.client(service, region).meta.method_to_api_mapping[method]
        return name

    def pages(
        self, service: str, region: str, operation: str, call: Callable[..., Any], arguments: Mapping[str, Any]
    ) -> Iterable[Any]:
        """The pages of a listing, asked for through `call`; just one when the operation answers everything at once."""
        name = self.operation(service, region, operation)
        config = self._paginator(service, name)
        if config is None:
            return (call(**arguments),)
        model = self.client(service, region).meta.service_model.operation_model(name)
        # the stubs describe a paginator made by a client, not its constructor
        pages: Iterable[Any] = Paginator(call, config, model).paginate(**arguments)  # type: ignore[arg-type] # a paginator needs no more of a client than its call
        return pages

    def is_known(self, service: str, region: str, partition: str) -> bool:
        """Whether botocore's endpoint data lists the service in the region."""
        with self._lock:
            return region in self._session.get_available_regions(service, partition)

    def close(self) -> None:
        self._maker.shutdown()
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
        self._transport.close()

    def _make(self, service: str, region: str) -> BaseClient:
        """In the one thread that makes clients: botocore asks for that, and the large, short-lived buffers in which
        models are unpacked leave holes in one thread's memory only."""
        found = self._clients.get((service, region))
        if found is None:
            found = self._clients[service, region] = self._create(service, region)
        return found

    def _create(self, service: str, region: str) -> BaseClient:
        is_elsewhere = self._elsewhere.get(service, self._endpoint_url is not None)
        client = self._session.create_client(
            service, region_name=region, endpoint_url=self._endpoint_url, config=self._config(is_elsewhere=is_elsewhere)
        )
        if not is_elsewhere and not _is_of_aws(client.meta.endpoint_url):  # AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_S3
            client.close()
            self._elsewhere[service] = True
            return self._create(service, region)
        events: Any = client.meta.events  # the stubs know no handler that answers
        events.register("before-parse", _refuse_pages)
        if is_elsewhere:
            events.register("before-call.s3-control", _without_account)
        if not get_environ_proxies(client.meta.endpoint_url):
            events.register("before-send", self._transport.send)
        return client

    def _config(self, *, is_elsewhere: bool) -> Config:
        """`is_elsewhere`: not at AWS but behind one address, where names of accounts in front of the host would lead
        nowhere. Buckets are named in the path everywhere: as hosts, each would cost connections of its own."""
        return Config(
            connect_timeout=self._limits.connect_timeout,
            read_timeout=self._limits.read_timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=self._limits.lane,
            parameter_validation=False,
            inject_host_prefix=not is_elsewhere,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            user_agent_extra="nephoscope",
        )

    def _paginator(self, service: str, operation: str) -> dict[str, Any] | None:
        key = (service, operation)
        if key not in self._paginators:
            with self._lock:
                try:
                    self._paginators[key] = self._session.get_paginator_model(service).get_paginator(operation)
                except (ValueError, UnknownServiceError, DataNotFoundError):
                    self._paginators[key] = None
        return self._paginators[key]


def open_clients(
    access: AwsAccess, limits: Limits, permissions: Collection[str], writes: Collection[str] = ()
) -> tuple[Clients, str]:
    """The clients of an account, for calls that take those permissions, and its home region. Only what `writes` names
    may change anything. Nothing is asked of the cloud yet. Raises CloudError when the
    profile, the credentials or a region cannot be used."""
    _check(access)
    try:
        session = _lean_session(access.profile, ModelFiles(permissions, writes))
        home = _home(session, access.partition)
        credentials = session.get_credentials()
        if credentials is None:
            raise CloudError(
                "There are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or run "
                "where an instance role is attached."
            )
        if access.role_arn:
            session = _in_role(session, credentials, access, home)
    except BotoCoreError as error:
        raise CloudError(f"The AWS configuration cannot be used: {error}") from error
    return Clients(session, access.endpoint_url, limits), home


def _lean_session(profile: str, models: ModelFiles) -> botocore.session.Session:
    """Events go straight to their handlers: translating names that events had years ago costs 0.1 ms for each, and
    only those who register handlers under such names need it."""
    events = HierarchicalEmitter()
    session = botocore.session.Session(profile=profile or None, event_hooks=events)
    session.register_component("event_emitter", events)
    session.get_component("data_loader").file_loader = models
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    return session


def _moment(value: Any) -> datetime:
    """Botocore's own parser understands everything and takes 0.1 ms for it; nearly all times are spelled like this."""
    if isinstance(value, str) and _ISO.fullmatch(value):
        return datetime.fromisoformat(value)
    return parse_timestamp(value)


def _check(access: AwsAccess) -> None:
    if access.partition not in HOME_REGIONS:
        raise CloudError(f"There is no AWS partition {access.partition!r}; there are {', '.join(HOME_REGIONS)}.")
    for region in access.regions:
        if not _REGION.fullmatch(region):
            raise CloudError(f"{region!r} is not the name of an AWS region, such as us-east-1.")


def _home(session: botocore.session.Session, partition: str) -> str:
    """The configured region when it is one of the partition, else the partition's first."""
    configured = session.get_config_variable("region")
    try:
        if configured and session.get_partition_for_region(configured) == partition:
            return str(configured)
    except UnknownRegionError:
        pass
    return HOME_REGIONS[partition]


def _in_role(
    session: botocore.session.Session, credentials: Credentials, access: AwsAccess, home: str
) -> botocore.session.Session:
    """A session whose credentials are those of the role, renewed before they expire."""
    extra = {"RoleSessionName": _SESSION_NAME} | ({"ExternalId": access.external_id} if access.external_id else {})
    client = functools.partial(session.create_client, region_name=home, endpoint_url=access.endpoint_url or None)
    fetcher = AssumeRoleCredentialFetcher(client, credentials, access.role_arn, extra_args=extra)
    loader = session.get_component("data_loader")
    inner = _lean_session(access.profile, loader.file_loader)
    inner.register_component("data_loader", loader)
    inner.register_component("credential_provider", CredentialResolver([_RoleProvider(fetcher)]))
    return inner


class _RoleProvider(CredentialProvider):
    """The one place where the inner session looks for credentials."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)


def _is_of_aws(endpoint_url: str) -> bool:
    host = urlsplit(endpoint_url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonwebservices.com.cn"))


def _refuse_pages(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    """A page of HTML with status 200, as proxies send, would be read as an answer without items: as "there is none"."""
    body = response_dict["body"]
    if (
        response_dict["status_code"] == _OK
        and isinstance(body, bytes)
        and body[:64].lstrip().lower().startswith((b"<!doctype", b"<html"))
    ):
        raise ResponseParserError(f"{operation_model.name} was answered with a page of HTML")


def _without_account(params: dict[str, Any], **_: object) -> None:
    """S3 control puts the account in front of the host, whatever the host is."""
    account = params["headers"].get("x-amz-account-id", "")
    params["url"] = params["url"].replace(f"://{account}.", "://", 1)
