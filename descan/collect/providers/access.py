"""Where a provider's server is, the key to it, and the HTTP client that reaches it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx2

from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.errors import SetupError

CONNECT_TIMEOUT_S = 20.0
PLACEHOLDER_KEY = "no-key-needed"
"""Sent to servers that need no key, since the SDKs insist on one."""

_KEEPALIVE_S = 60.0
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Service:
    """The facts about a provider's own service.

    Attributes:
        host: Its host; other hosts of the domain above it count as its own, too.
        url_env: The variable that may name another server.
        key_envs: The variables that may hold the key; the first one that is set counts.
        seller: Its name in the price list.
        owner: What its company is called.
        no_batches: Why its batches are not used; empty if they are.
    """

    host: str
    url_env: str
    key_envs: tuple[str, ...]
    seller: str
    owner: str
    no_batches: str = ""


SERVICES: Mapping[ProviderName, Service] = MappingProxyType(
    {
        "gemini": Service(
            host="generativelanguage.googleapis.com",
            url_env="GOOGLE_GEMINI_BASE_URL",
            key_envs=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
            seller="google",
            owner="Google",
            no_batches="Gemini's batch is reported to return answers under the wrong key "
            "(googleapis/python-genai#1909), which an evaluation cannot use",
        ),
        "openai": Service(
            host="api.openai.com",
            url_env="OPENAI_BASE_URL",
            key_envs=("OPENAI_API_KEY",),
            seller="openai",
            owner="OpenAI",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Access:
    """A server and the key to it.

    Attributes:
        base_url: None for the SDK's default.
        key: The key, or a placeholder.
        key_env: The variable that holds the key, for messages.
    """

    base_url: str | None
    key: str
    key_env: str


def find_access(settings: ModelSettings, environ: Mapping[str, str]) -> Access:
    """Return where a model's server is and the key to it.

    The usual key is sent to the service itself, and to a server that the environment names. Any other server gets
    only the key that the settings name with it, since settings may come from someone else.

    Raises:
        SetupError: If a key is needed and missing; it names the variable.
    """
    service = SERVICES[settings.provider]
    base_url = settings.base_url or environ.get(service.url_env) or None
    key_envs = (settings.api_key_env,) if settings.api_key_env else service.key_envs
    is_trusted = is_service(settings.base_url, settings.provider)
    is_trusted = is_trusted or _is_same_server(settings.base_url, environ.get(service.url_env))
    if not settings.api_key_env and not is_trusted:
        return Access(base_url, PLACEHOLDER_KEY, "a variable, and name it: --set MODEL.api_key_env=NAME")
    for name in key_envs:
        if key := environ.get(name, "").strip():
            return Access(base_url, key, name)
    if not settings.api_key_env and base_url and urlsplit(base_url).hostname != service.host:
        return Access(base_url, PLACEHOLDER_KEY, key_envs[0])
    names = " or ".join(key_envs)
    raise SetupError(f"{settings.label} needs a key, and {names} is not set; export {key_envs[0]}=...")


def tell_no_key(settings: ModelSettings, environ: Mapping[str, str]) -> str:
    """Return a line that says that a model's server gets no key, and how it would get one; empty if it needs one."""
    try:
        access = find_access(settings, environ)
    except SetupError:
        return ""
    if access.key != PLACEHOLDER_KEY or access.base_url is None:
        return ""
    server = urlsplit(access.base_url).hostname or "the server"
    if settings.base_url:
        mend = f"if it needs one, put the key into a variable and name it: --set {settings.label}.api_key_env=NAME"
    else:
        mend = f"if it needs one: export {access.key_env}=..."
    return f"{settings.label}: no key is sent to {server}; {mend}"


def is_service(base_url: str | None, provider: ProviderName) -> bool:
    """Return whether an address is the service's own; None is."""
    return not base_url or _is_below(base_url, SERVICES[provider])


def has_list_price(settings: ModelSettings, environ: Mapping[str, str]) -> bool:
    """Return whether an answer costs what the service's price list says.

    Unlike for the key, a server that the environment names does not count as the service: it may be anybody's.
    """
    if settings.list_price is not None:
        return settings.list_price
    base_url = settings.base_url or environ.get(SERVICES[settings.provider].url_env)
    return is_service(base_url, settings.provider)


def make_http_client(models: Sequence[ModelSettings]) -> httpx2.AsyncClient:
    """Make the client that all providers of a run share; the caller closes it.

    It has a connection for each request that may be in flight, so no request waits for one. Proxies from the
    environment are used, except for servers on this machine.

    Args:
        models: Those that will be asked through it.
    """
    n_connections = max(1, sum(model.concurrency for model in models))
    slowest_s = max((model.timeout_s for model in models), default=ModelSettings.model_fields["timeout_s"].default)
    return httpx2.AsyncClient(
        limits=httpx2.Limits(
            max_connections=n_connections, max_keepalive_connections=n_connections, keepalive_expiry=_KEEPALIVE_S
        ),
        timeout=httpx2.Timeout(slowest_s, connect=CONNECT_TIMEOUT_S),
        mounts={f"all://{host}": None for host in _LOOPBACK_HOSTS},
    )


def _is_below(base_url: str, service: Service) -> bool:
    """Return whether a server belongs to the domain of a service."""
    parts = urlsplit(base_url)
    domain = service.host.partition(".")[2]
    return parts.scheme == "https" and f".{parts.hostname or ''}".endswith(f".{domain}")


def _is_same_server(base_url: str | None, other: str | None) -> bool:
    return bool(base_url and other) and urlsplit(base_url)[:2] == urlsplit(other)[:2]
