"""OpenAI's Decisions: one request with all questions about an item, one probability for each option."""

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
from descan.collect.providers.protocol import Call
from descan.records import Status

DECISIONS_PATH = "/decisions"
"""Below the base URL."""

_REFUSAL = "refusal"


def decisions_request(call: Call, decide: Decide, settings: ModelSettings) -> dict[str, object]:
    """Return the body of a request: the category is a choice, each action a predicate.

    Of the settings it takes `system` and `detail`; it has no sampling, no thinking and no bounds.

    Args:
        call: The media, and in its prompt who is meant.
        decide: What is asked.
        settings: Of the model.
    """
    detail = {"detail": settings.detail} if settings.detail else {}
    content: list[dict[str, object]] = [
        {"type": "input_image", "image_url": part.data_url(), **detail} for part in call.parts
    ]
    content.append({"type": "input_text", "text": call.prompt})
    system = [{"role": "system", "content": settings.system}] if settings.system else []
    asked = decide.questions
    choices = [{"value": category} for category in asked.categories]
    questions: list[dict[str, object]] = [
        {"type": "choice", "name": EMOTION, "instructions": asked.category, "choices": choices}
    ]
    questions += [{"type": "predicate", "name": one.name, "instructions": one.text} for one in asked.actions]
    return {"model": settings.model, "input": [*system, {"role": "user", "content": content}], "questions": questions}


def read_decisions(body: Body, questions: Questions, raw: bytes, request_id: str) -> tuple[str, str, Status, str]:
    """Return the text of an answer, why it ended, its status, and which questions were refused.

    Raises:
        CallError: If it is not a reply.
    """
    answers = body.each("answers")
    if not answers:
        raise not_a_reply("it has no answers", raw, request_id)
    emotions: dict[str, Probability] = {}
    actions: dict[str, Probability] = {}
    refused = []
    for name, answer in zip((EMOTION, *(question.name for question in questions.actions)), answers, strict=False):
        if answer.text("type") == _REFUSAL:
            refused.append(name)
        elif name == EMOTION:
            for option in answer.each("probabilities"):
                emotions[option.text("value")] = as_probability(option.at("probability").value)
        else:
            actions[name] = as_probability(answer.at("probability").value)
    if len(refused) == len(answers):
        return "", _REFUSAL, Status.REFUSED, "every question was refused"
    detail = f"refused: {', '.join(refused)}" if refused else ""
    return word_decided(questions, emotions, actions, Way.DECISIONS), "", Status.OK, detail
