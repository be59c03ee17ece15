"""Logs of inspect_ai (.eval, .json), by its own reader.

Source: https://inspect.aisi.org.uk/eval-logs.html
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.corpus.importing.choices import find_choice, letter_choices
from descan.corpus.importing.log_files import Peek
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks
from descan.errors import InputError, SetupError, quote
from descan.records import Status

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.model import ChatMessage, ModelOutput

_UNREAD = {"attachments", "events", "store"}
"""The largest fields of a sample, which no answer needs."""

_N_SAMPLES = 200
"""Samples that are read at a time."""

_ARCHIVED = ("header.json", "_journal/start.json")


def recognizes(seen: Peek) -> bool:
    """Tell whether a file is a log of inspect_ai."""
    return any(name in seen.members for name in _ARCHIVED) or (
        not seen.is_list and isinstance(seen.first.get("eval"), dict) and "version" in seen.first
    )


def read(paths: Sequence[Path], _: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield the answers of every sample and epoch.

    Every question of a dialog gives one, the last one first.

    Raises:
        SetupError: If inspect_ai is not installed.
        InputError: If inspect_ai cannot read a file.
    """
    for path in paths:
        header, samples = _open_log(path)
        n_samples = 0
        for n_samples, sample in enumerate(samples, start=1):
            rows = list(_rows_of(sample, header, path, n_samples))
            yield from rows
            if not rows:
                remarks.lose("the sample has neither an answer nor an error", path, n_samples)
        if not n_samples:
            remarks.lose(f"the log has no samples; its status is {header.status}", path)


def _open_log(path: Path) -> tuple["EvalLog", Iterator["EvalSample"]]:
    """Return the header of a log, and its samples, which are read a few at a time."""
    try:
        from inspect_ai.log import read_eval_log
    except ImportError as error:
        problem = f"{path}: logs of inspect_ai are read by inspect_ai; run: pip install 'descan[inspect]'"
        raise SetupError(problem) from error
    try:
        header = read_eval_log(path, header_only=path.suffix == ".eval")
    except Exception as error:
        raise _unreadable(path, error) from error
    return header, iter(header.samples or ()) if path.suffix == ".json" else _archived_samples(path)


def _archived_samples(path: Path) -> Iterator["EvalSample"]:
    from inspect_ai.log import read_eval_log_sample_summaries, read_eval_log_samples_by_id

    try:
        keys = iter([(summary.id, summary.epoch) for summary in read_eval_log_sample_summaries(path)])
        while some := list(islice(keys, _N_SAMPLES)):
            yield from read_eval_log_samples_by_id(path, some, exclude_fields=_UNREAD)
    except Exception as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    found = f"{type(error).__name__}: {error}".partition("\n")[0]
    return InputError(path, f"inspect_ai cannot read it: {quote(found)}; it may be cut off, or newer than inspect_ai")


def _rows_of(sample: "EvalSample", log: "EvalLog", path: Path, n: int) -> Iterator[LogRow]:
    choices = letter_choices(sample.choices or ())
    about = {
        "item_id": sample.id,
        "model": log.eval.model,
        "repeat": sample.epoch - 1,
        "gold": _gold_of(sample, choices),
        "media": _media_of(sample),
        "started_at": str(sample.started_at or ""),
    }
    fields = {"target": sample.target, "task": log.eval.task, **sample.metadata}
    asked = _prompt_of([] if isinstance(sample.input, str) else sample.input) or str(sample.input)
    if sample.error is not None:
        failed = {"status": Status.FAILED, "finish_reason": "error", "text": ""}
        yield LogRow(path, n, about | failed, asked, fields)
        return
    turns = _turns_of(sample)
    if sample.output.choices or sample.output.error or sample.limit:
        said = _ending_of(sample) | _read_choice(sample.output.completion, choices)
        yield LogRow(path, n, about | said, turns[-1][0] if turns else asked, fields)
        turns = turns[:-1]
    for prompt, reply in turns:
        yield LogRow(path, n, about | _read_choice(reply, choices), prompt, fields)


def _turns_of(sample: "EvalSample") -> list[tuple[str, str]]:
    """Return every prompt of the user, after the words of the system, with the last reply to it."""
    turns: list[tuple[str, str]] = []
    before: list[ChatMessage] = []
    for message in sample.messages:
        if message.role == "assistant" and before:
            prompt = _prompt_of(before)
            turns = [*(turn for turn in turns if turn[0] != prompt), (prompt, message.text)]
        elif message.role == "user":
            before = [*(other for other in before if other.role == "system"), message]
        elif message.role == "system":
            before.append(message)
    return turns


def _prompt_of(messages: Sequence["ChatMessage"]) -> str:
    asked = [message for message in messages if message.role == "system"]
    asked += [message for message in messages if message.role == "user"][-1:]
    return "\n\n".join(filter(None, (message.text for message in asked)))


def _ending_of(sample: "EvalSample") -> dict[str, object]:
    """Return how the last call to the model ended, and what it used."""
    output = sample.output
    reason = output.choices[0].stop_reason if output.choices else f"limit: {sample.limit.type}" if sample.limit else ""
    cells: dict[str, object] = {"finish_reason": reason, "served_model": output.model, "latency_s": output.time}
    if output.error:
        cells |= {"status": Status.BLOCKED, "finish_reason": "content_filter"}
    elif not output.choices:
        cells["status"] = Status.FAILED
    return cells | _usage_of(output)


def _usage_of(output: "ModelOutput") -> dict[str, object]:
    """Return tokens and cost; descan counts cached tokens as input, and tokens of reasoning not as output."""
    usage = output.usage
    if usage is None:
        return {}
    cached = (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
    return {
        "input_tokens": usage.input_tokens + cached,
        "output_tokens": max(0, usage.output_tokens - (usage.reasoning_tokens or 0)),
        "thinking_tokens": usage.reasoning_tokens,
        "cost_usd": usage.total_cost,
    }


def _read_choice(reply: str, choices: Mapping[str, str]) -> dict[str, object]:
    choice = find_choice(reply, choices)
    return {"text": reply} if choice is None else {"text": choice, "reply": reply}


def _gold_of(sample: "EvalSample", choices: Mapping[str, str]) -> str | None:
    targets = [sample.target] if isinstance(sample.target, str) else sample.target
    return choices.get(targets[0].strip(), targets[0]) if len(targets) == 1 else None


def _media_of(sample: "EvalSample") -> str | None:
    """Return the path of the first picture or clip of the input; what the log holds itself has none."""
    messages: Sequence[Any] = () if isinstance(sample.input, str) else sample.input
    for message in messages:
        for part in () if isinstance(message.content, str) else message.content:
            place = getattr(part, "image", None) or getattr(part, "video", None)
            if isinstance(place, str) and not place.startswith(("attachment:", "data:")):
                return place
    return None
