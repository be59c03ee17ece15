"""Check that the model that answered is the one that was asked."""

import re
from collections.abc import Mapping

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import CallError, FaultScope, Reply

_VERSION = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{3})|:latest")
"""What a provider appends to an alias of a dated or numbered model."""

_MOVING_ALIAS = re.compile(r"[-:]latest$")


class ServedModels:
    """Remembers which model answered first for each model of a run; shared by the whole run."""

    def __init__(self, first: Mapping[str, str] | None = None) -> None:
        """Start with what earlier runs found.

        Args:
            first: By what the run calls a model: the model that answered for it first.
        """
        self._first = {label: _bare(served) for label, served in (first or {}).items()}

    def check(self, settings: ModelSettings, reply: Reply) -> None:
        """Check the model that a reply came from.

        The requested model may answer, a dated or numbered version of it, and what `allow_served` lists. A name that
        ends in `latest` may stand for any model. The model that answered first must keep answering.

        Raises:
            CallError: If another model answered; the error carries the reply, which was paid for.
        """
        served = _bare(reply.served_model)
        requested = _bare(settings.model)
        if not served or served in map(_bare, settings.allow_served):
            return
        is_alias = _MOVING_ALIAS.search(requested) is not None
        if not is_alias and not _is_version_of(requested, served):
            raise _rerouted(settings, served, f"{requested} was asked for, {served} answered", reply)
        first = self._first.setdefault(settings.label, served)
        if first != served:
            raise _rerouted(settings, served, f"{first} answered for {requested} at first, now {served} does", reply)


def _bare(model: str) -> str:
    return model.removeprefix("models/")


def _is_version_of(requested: str, served: str) -> bool:
    return served == requested or (
        served.startswith(requested) and _VERSION.fullmatch(served[len(requested) :]) is not None
    )


def _rerouted(settings: ModelSettings, served: str, problem: str, reply: Reply) -> CallError:
    advice = f"if that is intended, allow it: --set '{settings.label}.allow_served=[\"{served}\"]'"
    return CallError(
        FaultScope.MODEL,
        "rerouted",
        f"rerouted: {problem}",
        advice=advice,
        body=reply.body,
        request_id=reply.request_id,
        reply=reply,
    )
