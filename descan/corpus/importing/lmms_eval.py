"""Sample logs of lmms-eval: `MODEL/DATE_samples_TASK.jsonl`, one sample a line.

Source: `save_results_samples` in lmms_eval/loggers/evaluation_tracker.py, https://github.com/EvolvingLMMs-Lab/lmms-eval
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from descan.corpus.formats.json_lines import load_json, stream_json
from descan.corpus.importing.log_files import Peek
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks
from descan.errors import InputError

_SAMPLES = "samples_"
_RESULTS = "results.json"
_LIKELIHOOD = (r"-?(\d.*|inf|nan)", "True|False")


def recognizes(seen: Peek) -> bool:
    """Tell whether a file is a sample log of lmms-eval."""
    return "doc_id" in seen.first and ("filtered_resps" in seen.first or "resps" in seen.first)


def read(paths: Sequence[Path], _: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield the replies; the replies to a question that was asked several times are its repeats."""
    for path in paths:
        model = _model_of(path)
        for line, sample in stream_json(path):
            replies = _replies_of(sample)
            if not replies:
                remarks.lose("the sample has likelihoods of choices, and no reply", path, line)
            prompt = sample.get("input")
            for repeat, reply in enumerate(replies):
                cells = {
                    "item_id": sample.get("doc_id"),
                    "model": model,
                    "repeat": repeat,
                    "text": reply,
                    "gold": sample.get("target"),
                    "media": _media_of(sample),
                    **_tokens_of(sample),
                }
                yield LogRow(path, line, cells, prompt if isinstance(prompt, str) else "", sample)


def _replies_of(sample: Mapping[str, object]) -> list[object]:
    """Return the replies as the model gave them; `resps` is missing where a filter changed nothing.

    A list of one list holds what one request gave. Numbers in words, or several requests, are likelihoods of choices.
    """
    replies = sample.get("resps", sample.get("filtered_resps"))
    while isinstance(replies, list) and len(replies) == 1:
        replies = replies[0]
    if not isinstance(replies, list):
        return [replies]
    if all(isinstance(reply, str) for reply in replies) and not _are_likelihoods(replies):
        return replies
    return []


def _are_likelihoods(replies: Sequence[str]) -> bool:
    """Tell whether replies are a number and whether it is the greatest, as lmms-eval writes likelihoods."""
    return len(replies) == len(_LIKELIHOOD) and all(map(re.fullmatch, _LIKELIHOOD, replies))


def _tokens_of(sample: Mapping[str, object]) -> dict[str, object]:
    counts = sample.get("token_counts")
    first = counts[0] if isinstance(counts, list) and len(counts) == 1 else None
    if not isinstance(first, dict):
        return {}
    output, thinking = first.get("output_tokens"), first.get("reasoning_tokens")
    if isinstance(output, int) and isinstance(thinking, int):
        output = max(0, output - thinking)
    return {"input_tokens": first.get("input_tokens"), "output_tokens": output, "thinking_tokens": thinking}


def _media_of(sample: Mapping[str, object]) -> str | None:
    media = sample.get("input_media")
    places = media if isinstance(media, list) else ()
    return next((place for place in places if isinstance(place, str) and not place.startswith("data:")), None)


def _model_of(path: Path) -> str | None:
    """Return the model: from the results beside the samples, or else the folder, where `__` stands for `/`."""
    date = path.name.partition(_SAMPLES)[0]
    results = path.with_name(f"{date}{_RESULTS}")
    if date and results.is_file():
        try:
            found = load_json(results)
        except InputError:
            found = None
        name = found.get("model_name") if isinstance(found, dict) else None
        if isinstance(name, str) and name.strip():
            return name
    folder = path.absolute().parent.name
    return folder.replace("__", "/") if _SAMPLES in path.name else None
