"""The batches of one model at its provider, with retries."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from descan.collect.asking.retrying import Outcome, Patience, ServedModels, retry
from descan.collect.providers.access import SERVICES
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import BatchState, CallError, Provider, Reply
from descan.errors import OptionError

_Result = TypeVar("_Result")


def check_batches(settings: ModelSettings) -> None:
    """Check that a model can be asked in batches.

    Raises:
        OptionError: If not; it says why.
    """
    if reason := SERVICES[settings.provider].no_batches:
        raise OptionError("batch", f"is not for {settings.label}: {reason}; collect it without batches")


class BatchClient:
    """Submits, finds and fetches the batches of one model."""

    def __init__(
        self, provider: Provider, settings: ModelSettings, served: ServedModels, patience: Patience | None = None
    ) -> None:
        """Use the provider that also asks online.

        Raises:
            OptionError: If the model cannot be asked in batches.
        """
        check_batches(settings)
        if provider.batches is None:
            raise OptionError("batch", f"is not for {settings.label}; collect it without batches")
        self.batches = provider.batches
        self._settings, self._served, self._patience = settings, served, patience

    async def submit(self, path: Path, token: str) -> BatchState:
        """Submit a file of requests, unless that was done before.

        A batch that already carries the token counts as this one. So the method can be called again after a crash, or
        if the reply to the first call was lost, and nothing is paid for twice.

        Args:
            path: The file that a `JobWriter` wrote.
            token: A unique name for the batch, recorded before this is called.

        Raises:
            CallError: If the provider does not take it.
        """

        async def attempt() -> BatchState:
            found = await self.batches.find(token)
            return found or await self.batches.submit(path, token, self._settings)

        return await self._retry(attempt)

    async def look_up(self, batch_id: str) -> BatchState:
        """Return the state of a batch.

        Raises:
            CallError: If the provider does not say.
        """
        return await self._retry(partial(self.batches.look_up, batch_id))

    async def results(self, state: BatchState, folder: Path) -> AsyncIterator[tuple[str, Outcome]]:
        """Yield the results of a batch that is over, by custom_id and in any order.

        A request that has no result was not executed and not paid for.

        Args:
            state: Of the batch.
            folder: Where its files are put while they are parsed.

        Raises:
            CallError: If a file cannot be fetched.
        """
        for number, file_id in enumerate(state.result_ids):
            path = folder / f"{state.token}.results-{number}.jsonl"
            try:
                await self._retry(partial(self.batches.download, file_id, path))
                for custom_id, result in self.batches.parse_results(path, self._settings):
                    yield custom_id, Outcome.of(self._check_served(result), 1, None)
            finally:
                path.unlink(missing_ok=True)

    async def delete_files(self, state: BatchState) -> None:
        """Delete the files of a batch at the provider; files that are gone already do not matter.

        Raises:
            CallError: If the provider does not do it.
        """
        for file_id in state.file_ids:
            try:
                await self._retry(partial(self.batches.delete, file_id))
            except CallError as error:
                if not error.code.startswith("404"):
                    raise

    async def _retry(self, attempt: Callable[[], Awaitable[_Result]]) -> _Result:
        return await retry(attempt, max_attempts=self._settings.max_attempts, patience=self._patience)

    def _check_served(self, result: Reply | CallError) -> Reply | CallError:
        if isinstance(result, Reply):
            try:
                self._served.check(self._settings, result)
            except CallError as error:
                return error
        return result
