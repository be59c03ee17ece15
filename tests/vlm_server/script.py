"""What the server answers, and where it fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from benchmarks.emotions import Emotion
from tests.vlm_server.decisions import decide_by_hash, find_asked
from tests.vlm_server.exchange import Generated, ModelRequest
from tests.vlm_server.faults import FAULTS, UPLOAD_FAULTS, Reaction

Answer = Callable[[ModelRequest], str | Generated]

NOT_NEUTRAL = "Not neutral"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault and when it strikes: where all that is given here holds.

    Attributes:
        fault: A name of `FAULTS`, or `upload_failed`, `upload_expired`.
        numbers: Numbers of requests (1 is the server's first); empty for all.
        media: A SHA-256 of a picture or clip as it is sent.
        model: A requested model.
        n_attempts: How many attempts at an item fail; the next one succeeds. None: each fails.
        prompt_part: A part of the prompt.
    """

    fault: str
    numbers: tuple[int, ...] = ()
    media: str | None = None
    model: str | None = None
    n_attempts: int | None = None
    prompt_part: str = ""

    def __post_init__(self) -> None:
        if self.fault not in FAULTS and self.fault not in UPLOAD_FAULTS:
            raise ValueError(f"unknown fault '{self.fault}'; use one of {', '.join([*FAULTS, *UPLOAD_FAULTS])}")

    def strikes(self, request: ModelRequest) -> bool:
        """Return whether the request fails."""
        return (
            (self.fault in UPLOAD_FAULTS) == (request.protocol == "upload")
            and (not self.numbers or request.number in self.numbers)
            and (self.media is None or any(medium.sha256 == self.media for medium in request.media))
            and (self.model is None or request.model == self.model)
            and (self.n_attempts is None or request.attempt <= self.n_attempts)
            and self.prompt_part in request.prompt
        )


def answer_by_hash(request: ModelRequest) -> str | Generated:
    """Answer from the hash of media and prompt, in the way that the prompt asks for."""
    if asked := find_asked(request):
        return decide_by_hash(request, asked)
    number = int(request.key[:8], 16)
    offered = offered_categories(request.prompt)
    if offered == [Emotion.NEUTRAL]:
        return (Emotion.NEUTRAL, NOT_NEUTRAL)[number % 2]
    if offered:
        return offered[number % len(offered)]
    feeling = ("angry", "disgusted", "afraid", "happy", "calm", "sad", "surprised")[number % 7]
    return f"The person looks {feeling}. Picture {request.key[:8]}."


def offered_categories(prompt: str) -> list[Emotion]:
    """Return the categories that a prompt names: none if it asks for a description, one in a first stage."""
    return [category for category in Emotion if category.value in prompt]


@dataclass(frozen=True, slots=True)
class Script:
    """The server's part.

    Attributes:
        answer: Answers a request to a model.
        faults: The first that strikes is what comes back.
        served_models: The model that answers, by the one that is asked; that one where not listed.
    """

    answer: Answer = answer_by_hash
    faults: tuple[FaultRule, ...] = ()
    served_models: Mapping[str, str] = field(default_factory=dict)

    def react(self, request: ModelRequest) -> Reaction:
        """Answer, or fail."""
        fault = self.fault_of(request)
        answer = self.answer(request)
        generated = answer if isinstance(answer, Generated) else Generated(answer)
        if fault:
            return FAULTS[fault](request, generated.text)
        if generated.served_model is None and request.model in self.served_models:
            return replace(generated, served_model=self.served_models[request.model])
        return generated

    def fault_of(self, request: ModelRequest) -> str:
        """Name the fault that strikes a request, empty for none."""
        return next((rule.fault for rule in self.faults if rule.strikes(request)), "")
