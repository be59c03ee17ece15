"""The providers: one lazily imported module each.

To add one: its name in `ProviderName`, its row in `SERVICES`, and a module of that name here with `check_settings` and
`make_provider`. `models.toml` of the questions says what its models take and how they count tokens.
"""

import importlib
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Self

from descan.collect.providers.access import make_http_client
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Provider


class Providers:
    """The providers of a run, and the HTTP client that they share; models of one server and key share a provider."""

    def __init__(self, models: Sequence[ModelSettings], environ: Mapping[str, str]) -> None:
        """Make the client; providers are made when they are first asked for.

        Args:
            models: Those that will be asked.
            environ: Holds the keys, and base URLs of other servers.
        """
        self._http_client = make_http_client(models)
        self._environ = environ
        self._made: dict[tuple[str, str | None, str | None], Provider] = {}

    def get(self, settings: ModelSettings) -> Provider:
        """Return the provider of a model.

        Raises:
            InputError: If a setting is not allowed for this provider.
            SetupError: If its key is missing.
        """
        check_settings(settings)
        module = _find_module(settings)
        server = (settings.provider, settings.base_url, settings.api_key_env)
        if server not in self._made:
            self._made[server] = module.make_provider(settings, self._http_client, self._environ)
        return self._made[server]

    async def __aenter__(self) -> Self:
        """Return the providers themselves."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close the providers and the client."""
        for provider in self._made.values():
            await provider.close()
        self._made.clear()
        await self._http_client.aclose()


def check_settings(settings: ModelSettings) -> None:
    """Check the settings of a model that depend on its provider.

    Raises:
        InputError: If one is not allowed for it.
    """
    _find_module(settings).check_settings(settings)


def _find_module(settings: ModelSettings) -> ModuleType:
    return importlib.import_module(f"{__name__}.{settings.provider}")
