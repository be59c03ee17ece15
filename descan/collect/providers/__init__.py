"""The providers: one lazily imported module each.

A further one is a module with `check_settings` and `make_provider`, and its line in `_MODULES`.
"""

import importlib
from collections.abc import Mapping

import httpx2

from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.collect.providers.protocol import Provider

_MODULES: Mapping[ProviderName, str] = {
    "gemini": "descan.collect.providers.gemini",
    "openai": "descan.collect.providers.openai",
}


class Providers:
    """The providers of a run: one for each server and key, which models share."""

    def __init__(self, http_client: httpx2.AsyncClient, environ: Mapping[str, str]) -> None:
        """Start with none.

        Args:
            http_client: Shared by all; not closed here.
            environ: Holds the keys, and base URLs of other servers.
        """
        self._http_client = http_client
        self._environ = environ
        self._made: dict[tuple[str, str | None, str | None], Provider] = {}

    def get(self, settings: ModelSettings) -> Provider:
        """Give the provider of a model.

        Raises:
            InputError: If a setting is not one for this provider.
            SetupError: If its key is missing.
        """
        module = importlib.import_module(_MODULES[settings.provider])
        module.check_settings(settings)
        place = (settings.provider, settings.base_url, settings.api_key_env)
        if place not in self._made:
            self._made[place] = module.make_provider(settings, self._http_client, self._environ)
        return self._made[place]

    async def close(self) -> None:
        """Free what the providers hold."""
        for provider in self._made.values():
            await provider.close()
        self._made.clear()


def make_provider(settings: ModelSettings, http_client: httpx2.AsyncClient, environ: Mapping[str, str]) -> Provider:
    """Make the provider of one model; as `Providers.get`."""
    return Providers(http_client, environ).get(settings)
