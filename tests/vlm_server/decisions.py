"""Mode `decide` on the server's side: what is asked, and probabilities worded in the way in which it is asked."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.vlm_server.exchange import Generated, Json, ModelRequest

Probabilities = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The categories and the names of the actions that a request asks about."""

    categories: tuple[str, ...]
    actions: tuple[str, ...]


def find_asked(request: ModelRequest) -> Asked | None:
    """Return what a request of mode `decide` asks; None of any other request."""
    body = request.body
    if request.protocol == "decisions":
        choice, *predicates = body["questions"]
        return Asked(tuple(one["value"] for one in choice["choices"]), tuple(one["name"] for one in predicates))
    if request.protocol == "gemini_decisions":
        questions = dict(body["questions"])
        return Asked(tuple(questions.pop("emotion")["criteria"]), tuple(questions))
    schema = _find_schema(request)
    if schema is None:
        return None
    fields = schema["properties"]
    categories = fields["emotions"]["properties"] if "emotions" in fields else fields["emotion"]["enum"]
    return Asked(tuple(categories), tuple(fields["actions"]["properties"]))


def decide(request: ModelRequest, emotions: Probabilities, actions: Probabilities) -> Generated:
    """Answer with probabilities, by category and by name of the action; None refuses, where that can be."""
    asked = find_asked(request)
    assert asked is not None
    said = {"emotions": {name: emotions.get(name) for name in asked.categories}}
    said["actions"] = {name: actions.get(name) for name in asked.actions}
    if not request.body.get("logprobs"):
        return Generated(json.dumps(said))
    chosen = max(asked.categories, key=lambda name: emotions.get(name) or 0)
    words = {name: "yes" if (share or 0) >= 0.5 else "no" for name, share in said["actions"].items()}
    return Generated(json.dumps({"emotion": chosen, "actions": words}), decided=said)


def decide_by_hash(request: ModelRequest, asked: Asked) -> Generated:
    """Answer from the hash of media and prompt."""
    number = int(request.key[:8], 16)
    shares = [1 + (number >> place) % 7 for place in range(len(asked.categories))]
    emotions = {name: share / sum(shares) for name, share in zip(asked.categories, shares, strict=True)}
    actions = {name: ((number >> place % 24) % 100) / 100 for place, name in enumerate(asked.actions)}
    return decide(request, emotions, actions)


def word_tokens(generated: Generated) -> list[Json]:
    """Return the tokens of a reply of words, with the probabilities that the model decided on.

    Each word is a token of its own, and all between two words is one.
    """
    said: dict[str, Any] = json.loads(generated.text)
    tokens = [_token('{"emotion": "')]
    tokens += _word_tokens(said["emotion"], generated.decided["emotions"])
    before = '", "actions": {'
    for name, word in said["actions"].items():
        share = generated.decided["actions"][name] or 0
        tokens += [_token(f'{before}"{name}": "'), *_word_tokens(word, {"yes": share, "no": 1 - share})]
        before = '", '
    return [*tokens, _token('"}}')]


def decisions_body(request: ModelRequest, generated: Generated) -> Json:
    """Word a reply as OpenAI's Decisions do."""
    said = json.loads(generated.text)
    emotions = said["emotions"]
    answers: list[Json] = [{"type": "refusal", "name": "emotion"}]
    if any(share is not None for share in emotions.values()):
        best = max(emotions, key=emotions.__getitem__)
        options = [{"value": name, "probability": share} for name, share in emotions.items()]
        found = {"choice": best, "confidence": emotions[best], "probabilities": options}
        answers = [{"type": "choice", "name": "emotion", **found}]
    for name, share in said["actions"].items():
        kind = {"type": "refusal"} if share is None else {"type": "predicate", "probability": share}
        answers.append({**kind, "name": name})
    return {"model": generated.served_model or request.model, "answers": answers}


def gemini_decisions_body(generated: Generated) -> Json:
    """Word a reply as Gemini's Decisions do."""
    if generated.ending == "prompt_block":
        return {"prompt_feedback": {"block_reason": "safety", "block_reason_message": "Not this picture."}}
    said = json.loads(generated.text)
    emotions = said["emotions"]
    best = max(emotions, key=emotions.__getitem__)
    found = {"choice": best, "confidence": emotions[best], "probabilities": emotions}
    answers = {
        name: {"type": "noul", "noul": share, "confidence": max(share, 1 - share)}
        for name, share in said["actions"].items()
        if share is not None
    }
    return {"answers": {"emotion": {"type": "choice", **found}, **answers}}


def _find_schema(request: ModelRequest) -> Json | None:
    body: Json = request.body
    found: Json | None
    if request.protocol == "chat":
        found = body.get("response_format", {}).get("json_schema", {}).get("schema")
    elif request.protocol == "responses":
        found = body.get("text", {}).get("format", {}).get("schema")
    else:
        found = body.get("generationConfig", {}).get("responseSchema")
    return found


def _word_tokens(word: str, shares: Mapping[str, float]) -> list[Json]:
    others = [(name, share) for name, share in shares.items() if share > 0]
    return [_token(word, shares[word], others)]


def _token(text: str, share: float = 1.0, others: list[tuple[str, float]] | None = None) -> Json:
    def write(text: str, share: float) -> Json:
        return {"token": text, "logprob": math.log(share), "bytes": list(text.encode())}

    return write(text, share) | {"top_logprobs": [write(*other) for other in others or [(text, share)]]}
