"""`descan collect --check`: one small request to each model tells what a run would meet."""

import asyncio
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Literal

from descan.collect.asking.retrying import Outcome, ServedModels, ask_with_retries
from descan.collect.providers import Providers, check_settings
from descan.collect.providers.access import PLACEHOLDER_KEY, find_access
from descan.collect.providers.decisions import Decide, Questions, Way
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, Reply
from descan.collect.questions.capabilities import check_capabilities, find_family
from descan.collect.questions.pricing import compute_cost
from descan.errors import InputError, SetupError
from descan.media.media_files import Part

_SIDE = 96
"""Of the picture, in pixels: some models take none that is much smaller."""

Finding = Literal["ok", "none", "refused", "missing", "unknown", "?"]


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What one small request found out about a model.

    Attributes:
        label: What the run calls the model.
        key: Whether the key is taken; `none` if the server gets none.
        name: Whether the server knows the model.
        picture: Whether it takes a picture.
        parameters: Whether it takes the settings of the run.
        usage: Whether its replies count tokens.
        price: Whether the price of its tokens is known.
        problem: What is wrong and what to do, in one line; empty if nothing is.
        retires_on: The day on which its provider retires the model, or empty if it does not say.
    """

    label: str
    key: Finding = "?"
    name: Finding = "?"
    picture: Finding = "?"
    parameters: Finding = "?"
    usage: Finding = "?"
    price: Finding = "?"
    problem: str = ""
    retires_on: str = ""


def check_models(models: Sequence[ModelSettings]) -> list[ModelCheck]:
    """Send one small request to each model, all at once; the picture is drawn, and nothing of the user's is sent."""
    return asyncio.run(_check_all(models))


async def _check_all(models: Sequence[ModelSettings]) -> list[ModelCheck]:
    prompt = (files("descan.collect.questions") / "prompts" / "check.v1.md").read_text(encoding="utf-8").strip()
    call = Call(prompt, (_draw_picture(),))
    async with Providers(models, os.environ) as providers:
        return list(await asyncio.gather(*(_check(providers, settings, call) for settings in models)))


async def _check(providers: Providers, settings: ModelSettings, call: Call) -> ModelCheck:
    label = settings.label
    try:
        check_settings(settings)
        check_capabilities(settings)
    except InputError as error:
        return ModelCheck(label, parameters="refused", problem=_drop_label(error.problem, label))
    try:
        provider = providers.get(settings)
        key: Finding = "none" if find_access(settings, os.environ).key == PLACEHOLDER_KEY else "ok"
    except SetupError as error:
        return ModelCheck(label, key="missing", problem=str(error).removeprefix(f"{label} "))
    if find_family(settings).only_decides:
        asked = Questions(call.prompt, call.prompt, ("yes", "no"), (), "", "")
        call = replace(call, decide=Decide(asked, Way.DECISIONS))
    once = settings.model_copy(update={"max_attempts": 1})
    outcome = await ask_with_retries(provider, call, once, served=ServedModels())
    return _judge(settings, outcome, key)


def _drop_label(problem: str, label: str) -> str:
    """Return a problem without the model's label, by which it is introduced."""
    return re.sub(rf"(?:^| of ){re.escape(label)}(?=[ :])", "", problem, count=1).strip()


def _judge(settings: ModelSettings, outcome: Outcome, key: Finding) -> ModelCheck:
    reply, error = outcome.reply, outcome.error
    if error is not None and reply is None:
        return _judge_fault(settings, error, key)
    if reply is None:
        raise ValueError("an outcome has a reply or an error")
    is_counted = reply.input_tokens is not None and reply.output_tokens is not None
    priced = reply if is_counted else replace(reply, input_tokens=1, output_tokens=1)
    is_other = error is not None and error.code == "rerouted"
    return ModelCheck(
        settings.label,
        key=key,
        name="refused" if is_other else "ok",
        picture="ok",
        parameters="ok",
        usage="ok" if is_counted else "missing",
        price="ok" if compute_cost(settings, priced) is not None else "unknown",
        problem=error.describe_with_advice() if error is not None else _tell_empty(reply),
        retires_on=reply.retires_on,
    )


def _tell_empty(reply: Reply) -> str:
    """Say what is wrong with a reply without text, which a run would store nevertheless."""
    if reply.text.strip():
        return ""
    detail = reply.detail or reply.finish_reason or "no reason is given"
    return f"the reply has no text: {detail}; if the tokens ran out, raise max_tokens"


def _judge_fault(settings: ModelSettings, error: CallError, key: Finding) -> ModelCheck:
    """Fill in what a fault says of the parts of a request; what a server looks at before it refuses is in order."""
    problem = error.describe_with_advice()
    if error.blame == "key":
        return ModelCheck(settings.label, key="refused", problem=problem)
    if error.blame == "model":
        return ModelCheck(settings.label, key=key, name="unknown", problem=problem)
    if error.blame == "picture":
        return ModelCheck(settings.label, key=key, name="ok", picture="refused", problem=problem)
    if error.blame == "parameter":
        return ModelCheck(settings.label, key=key, name="ok", parameters="refused", problem=problem)
    return ModelCheck(settings.label, problem=problem)


def _draw_picture() -> Part:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_SIDE, _SIDE), (230, 230, 230))
    ImageDraw.Draw(image).ellipse((16, 16, _SIDE - 16, _SIDE - 16), fill=(90, 90, 90))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Part.of(buffer.getvalue(), "image/png")
