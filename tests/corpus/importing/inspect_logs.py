"""Logs that inspect_ai writes itself, with its mock model."""

from collections.abc import Sequence
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as run_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessageUser,
    ContentImage,
    ContentText,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import includes
from inspect_ai.solver import Generate, Solver, TaskState, generate, multiple_choice, solver

from tests.corpus.importing.logs import PIXEL, PROMPTS, Said

MODEL = "mockllm/model"
PICTURE = f"data:image/png;base64,{PIXEL}"
STOP_REASONS = {"truncated": "max_tokens", "blocked": "content_filter"}
USAGE = ModelUsage(
    input_tokens=300,
    output_tokens=40,
    total_tokens=350,
    input_tokens_cache_read=10,
    reasoning_tokens=5,
    total_cost=0.002,
)


def make_output(text: str, stop_reason: str = "stop") -> ModelOutput:
    output = ModelOutput.from_content(MODEL, text, stop_reason=stop_reason)
    output.usage = USAGE
    return output


def make_sample(each: Said, prompt: str) -> Sample:
    content = [ContentText(text=prompt), ContentImage(image=PICTURE)]
    metadata = {"clip": f"clip-{each.item}", "picture": f"faces/{each.item}.png"}
    return Sample(id=each.item, input=[ChatMessageUser(content=content)], target=each.gold, metadata=metadata)


def write_inspect(folder: Path, said: Sequence[Said], kind: str = "eval", *, epochs: int = 1) -> Path:
    """Run one task for each mode, on one sample an answer; failed answers are errors of the solver."""
    for mode, prompt in PROMPTS.items():
        own = {each.item: each for each in said if each.mode == mode}
        _run(folder, mode, [make_sample(each, prompt) for each in own.values()], _reply_with(own), kind, epochs)
    return folder


def write_dialogs(folder: Path, said: Sequence[Said]) -> Path:
    """Run one task whose samples ask both questions, one after the other."""
    texts = {(each.item, each.mode): each.text for each in said}

    @solver  # type: ignore[untyped-decorator]
    def ask_twice() -> Solver:
        async def solve(state: TaskState, _: Generate) -> TaskState:
            for mode, prompt in PROMPTS.items():
                if mode == "classify":
                    state.messages.append(ChatMessageUser(content=prompt))
                state.output = make_output(texts[str(state.sample_id), mode])
                state.messages.append(state.output.message)
            return state

        return solve

    samples = [make_sample(each, PROMPTS["describe"]) for each in said if each.mode == "describe"]
    _run(folder, "dialog", samples, ask_twice(), "eval", 1)
    return folder


def write_multiple_choice(folder: Path, replies: Sequence[tuple[str, str, str]]) -> Path:
    """Run a task of multiple choice with these items, targets and replies."""
    choices = ["Happy", "Sad", "Anger"]
    samples = [Sample(id=item, input="Which emotion?", choices=choices, target=target) for item, target, _ in replies]
    outputs = [make_output(reply) for *_, reply in replies]
    model = get_model(MODEL, custom_outputs=outputs)
    task = Task(dataset=MemoryDataset(samples), solver=multiple_choice(), scorer=includes(), name="choice")
    run_eval(task, model=model, log_dir=str(folder), display="none", max_samples=1)
    return folder


def _reply_with(said: dict[str, Said]) -> Solver:
    @solver  # type: ignore[untyped-decorator]
    def reply() -> Solver:
        async def solve(state: TaskState, _: Generate) -> TaskState:
            each = said[str(state.sample_id)]
            if each.status == "failed":
                raise RuntimeError("the server is gone")
            state.output = make_output(each.text, STOP_REASONS.get(each.status, "stop"))
            state.messages.append(state.output.message)
            return state

        return solve

    return reply()


def _run(folder: Path, name: str, samples: list[Sample], chain: Solver, kind: str, epochs: int) -> None:
    task = Task(dataset=MemoryDataset(samples), solver=chain, scorer=includes(), epochs=epochs, name=name)
    (log,) = run_eval(
        task,
        model=get_model(MODEL, custom_outputs=[]),
        log_dir=str(folder),
        log_format=kind,
        display="none",
        max_samples=1,
        fail_on_error=False,
    )
    assert log.status == "success"


def run_generate(folder: Path, texts: Sequence[str], golds: Sequence[str], *, epochs: int = 1) -> Path:
    """Run the usual solver, with a reply for every sample and epoch, in order."""
    samples = [Sample(id=n, input=PROMPTS["describe"], target=gold) for n, gold in enumerate(golds)]
    task = Task(dataset=MemoryDataset(samples), solver=generate(), scorer=includes(), epochs=epochs, name="generated")
    model = get_model(MODEL, custom_outputs=[make_output(text) for text in texts])
    run_eval(task, model=model, log_dir=str(folder), display="none", max_samples=1)
    return folder
