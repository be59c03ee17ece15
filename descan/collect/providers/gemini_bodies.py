"""What Gemini's generateContent answers."""

from descan.collect.providers.bodies import Body
from descan.collect.providers.protocol import CallError, FaultScope, Reply
from descan.records import Status

_CUT = frozenset({"MAX_TOKENS", "CONTINUATION"})
_BLOCKED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "IMAGE_OTHER",
        "MODEL_ARMOR",
        "ESCALATION",
    }
)


def read_reply(body: Body, raw: bytes) -> Reply:
    """Read what came back.

    Raises:
        CallError: If the model stopped without a word, which it does at random; the empty reply comes with it.
    """
    blocked = body.text("promptFeedback", "blockReason")
    candidate = body.at("candidates", 0)
    if candidate.value is None and blocked:
        return _reply(body, raw, Status.BLOCKED, finish=blocked, detail=_prompt_block(body, blocked))
    finish = candidate.text("finishReason")
    text = "".join(part.text("text") for part in candidate.each("content", "parts") if not part.is_true("thought"))
    status, detail = _judge(candidate, text, finish)
    reply = _reply(body, raw, status, text=text, finish=finish, detail=detail)
    if status is Status.EMPTY and finish in ("STOP", ""):
        problem = "no_parts: the model stopped without a word" if finish else "no_candidates: the reply has none"
        code = problem.partition(":")[0]
        raise CallError(FaultScope.ATTEMPT, code, problem, body=raw, request_id=reply.request_id, reply=reply)
    return reply


def _judge(candidate: Body, text: str, finish: str) -> tuple[Status, str]:
    said = [candidate.text("finishMessage"), *_ratings(candidate)]
    if finish in _BLOCKED:
        return Status.BLOCKED, _joined(finish, *said)
    if finish in _CUT:
        return Status.TRUNCATED, "" if text.strip() else "no text: the tokens ran out before the answer"
    detail = "" if finish == "STOP" else _joined(f"ended for an unknown reason: {finish or 'none given'}", *said)
    return Status.OK if text.strip() else Status.EMPTY, detail


def _prompt_block(body: Body, reason: str) -> str:
    feedback = body.at("promptFeedback")
    return _joined(f"prompt blocked: {reason}", feedback.text("blockReasonMessage"), *_ratings(feedback))


def _ratings(rated: Body) -> list[str]:
    """Give the safety ratings that say something, as in `HARM_CATEGORY_HARASSMENT HIGH blocked`."""
    return [
        " ".join(
            filter(None, (rating.text("category"), rating.text("probability"), "blocked" * rating.is_true("blocked")))
        )
        for rating in rated.each("safetyRatings")
        if rating.is_true("blocked") or rating.text("probability") not in ("", "NEGLIGIBLE")
    ]


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _reply(body: Body, raw: bytes, status: Status, *, text: str = "", finish: str, detail: str) -> Reply:
    input_tokens = body.count("usageMetadata", "promptTokenCount")
    output_tokens = body.count("usageMetadata", "candidatesTokenCount")
    if output_tokens is None and input_tokens is not None:
        # The service leaves out counts of 0.
        output_tokens = 0
    return Reply(
        status,
        text,
        finish_reason=finish,
        detail=detail,
        served_model=body.text("modelVersion"),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        thinking_tokens=body.count("usageMetadata", "thoughtsTokenCount"),
        cached_tokens=body.count("usageMetadata", "cachedContentTokenCount"),
        request_id=body.text("responseId"),
        body=raw,
    )
