"""The HTTP client that all providers of a run share."""

from collections.abc import Sequence

import httpx2

from descan.collect.providers.model_settings import ModelSettings

CONNECT_TIMEOUT_S = 20.0
KEEPALIVE_S = 60.0
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def make_http_client(models: Sequence[ModelSettings]) -> httpx2.AsyncClient:
    """Make the client; whoever makes it closes it.

    It has a connection for each request that may be in flight, so no request waits for one. Proxies of the environment
    are obeyed, save for servers on this machine.

    Args:
        models: Those that will be asked through it.
    """
    n_connections = max(1, sum(model.concurrency for model in models))
    slowest_s = max((model.timeout_s for model in models), default=ModelSettings.model_fields["timeout_s"].default)
    return httpx2.AsyncClient(
        limits=httpx2.Limits(
            max_connections=n_connections, max_keepalive_connections=n_connections, keepalive_expiry=KEEPALIVE_S
        ),
        timeout=httpx2.Timeout(slowest_s, connect=CONNECT_TIMEOUT_S),
        mounts={f"all://{host}": None for host in LOOPBACK_HOSTS},
    )
