"""Gemini's Decisions: one request with all questions about an item, one probability for each option."""

from base64 import b64encode
from collections.abc import Mapping

from descan.collect.providers.bodies import Body
from descan.collect.providers.decisions import (
    EMOTION,
    Decide,
    Probability,
    Questions,
    Way,
    as_probability,
    word_decided,
)
from descan.collect.providers.faults import not_a_reply
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, Reply
from descan.media.media_files import Part
from descan.records import Status

_Object = dict[str, object]


def decisions_request(call: Call, decide: Decide, settings: ModelSettings, uris: Mapping[str, str]) -> _Object:
    """Return the body of a request: the category is a choice, each action a question of yes or no ("noul").

    Of the settings it takes `system`, which goes first, `media_resolution` and `fps`; it has no sampling, no thinking
    and no bounds.

    Args:
        call: The media, and in its prompt who is meant.
        decide: What is asked.
        settings: Of the model.
        uris: Of uploaded clips, by SHA-256.
    """
    system: list[_Object] = [{"type": "text", "text": settings.system}] if settings.system else []
    media = [_content(part, settings, uris.get(part.sha256)) for part in call.parts]
    asked = decide.questions
    questions: _Object = {
        EMOTION: {
            "type": "choice",
            "instructions": asked.category,
            "criteria": dict.fromkeys(asked.categories, ""),
        }
    }
    questions |= {question.name: {"type": "noul", "instructions": question.text} for question in asked.actions}
    model = f"models/{settings.model.removeprefix('models/')}"
    return {"model": model, "input": [*system, *media, {"type": "text", "text": call.prompt}], "questions": questions}


def read_decisions(body: Body, questions: Questions, raw: bytes) -> Reply:
    """Return a reply whose text is that of an answer of mode `decide`.

    Raises:
        CallError: If it is not a reply.
    """
    blocked = body.text("prompt_feedback", "block_reason")
    answers = body.at("answers")
    if blocked:
        said = body.text("prompt_feedback", "block_reason_message")
        detail = f"prompt blocked: {blocked}{said and '; ' + said}"
        return _make_reply(body, raw, Status.BLOCKED, "", blocked, detail)
    if not isinstance(answers.value, dict) or not answers.value:
        raise not_a_reply("it has no answers", raw)
    given = {category: answers.at(EMOTION, "probabilities", category).value for category in questions.categories}
    emotions: dict[str, Probability] = {category: as_probability(value) for category, value in given.items()}
    actions = {question.name: as_probability(answers.at(question.name, "noul").value) for question in questions.actions}
    missing = [name for name, value in actions.items() if value is None]
    if not any(value is not None for value in emotions.values()):
        missing.insert(0, EMOTION)
    detail = f"no answer: {', '.join(missing)}" if missing else ""
    return _make_reply(body, raw, Status.OK, word_decided(questions, emotions, actions, Way.DECISIONS), "", detail)


def _content(part: Part, settings: ModelSettings, uri: str | None) -> _Object:
    """Return a picture or clip; a clip's frames are taken as the settings say, never chosen by the model."""
    is_clip = part.mime_type.startswith("video/")
    data: _Object = {"uri": uri} if uri else {"data": b64encode(part.data).decode("ascii")}
    content: _Object = {"type": "video" if is_clip else "image", "mime_type": part.mime_type, **data}
    if settings.media_resolution is not None:
        content["resolution"] = settings.media_resolution
    if is_clip:
        rate: _Object = {} if settings.fps is None else {"fps": settings.fps}
        content["processing"] = {"type": "static", **rate}
    return content


def _make_reply(body: Body, raw: bytes, status: Status, text: str, finish: str, detail: str) -> Reply:
    return Reply(
        status,
        text,
        finish_reason=finish,
        detail=detail,
        input_tokens=body.count("usage", "total_input_tokens"),
        output_tokens=body.count_beside("total_input_tokens", "usage", "total_output_tokens"),
        thinking_tokens=body.count("usage", "total_thought_tokens"),
        cached_tokens=body.count("usage", "total_cached_tokens"),
        body=raw,
    )
