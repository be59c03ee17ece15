"""Conversations in the form of LLaVA's training data, those of ShareGPT, and LLaVA's files of answers.

Sources: docs/Finetune_Custom_Data.md and llava/eval/model_vqa.py, https://github.com/haotian-liu/LLaVA; `messages` as
LLaMA-Factory reads and MER-Factory exports them.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from descan.corpus.importing.json_fields import objects_at, text_at
from descan.corpus.importing.log_files import Peek, load_objects
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks

_TURNS = ("conversations", "messages")
_ANSWER = {"question_id", "prompt", "text"}
_ASKS = ("human", "user")
_ANSWERS = ("gpt", "assistant", "model")
_MEDIA = ("image", "video", "images", "videos")
_TAGS = ("<image>", "<video>", "<audio>")
_GOLD = ("gold", "ground_truth")


def recognizes(seen: Peek) -> bool:
    """Tell whether a file holds such conversations or answers."""
    first = seen.first
    return seen.first.keys() >= _ANSWER or any(
        turn.keys() & {"from", "role"} and turn.keys() & {"value", "content"}
        for name in _TURNS
        for turn in objects_at(first, name)
    )


def read(paths: Sequence[Path], _: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield the answers: every turn of a model after one of a user."""
    for path in paths:
        for n, entry in load_objects(path):
            if entry.keys() >= _ANSWER:
                cells = {"item_id": entry["question_id"], "model": entry.get("model_id"), "text": entry["text"]}
                yield LogRow(path, n, cells, _without_tags(text_at(entry, "prompt")), entry)
                continue
            media = _media_of(entry)
            cells = {
                "item_id": entry.get("id") or entry.get("question_id") or media,
                "model": entry.get("model") or entry.get("model_id"),
                "media": media,
                "gold": next((entry[name] for name in _GOLD if isinstance(entry.get(name), str)), None),
            }
            turns = list(_turns_of(entry))
            for prompt, said in turns:
                yield LogRow(path, n, {**cells, "text": said}, prompt, entry)
            if not turns:
                remarks.lose("the conversation has no answer of a model", path, n)


def _turns_of(entry: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what the user asked, with what the model answered."""
    asked = ""
    for name in _TURNS:
        for turn in objects_at(entry, name):
            role = text_at(turn, "from") or text_at(turn, "role")
            said = text_at(turn, "value") or text_at(turn, "content")
            said = said or "\n".join(filter(None, (text_at(part, "text") for part in objects_at(turn, "content"))))
            if role in _ASKS:
                asked = _without_tags(said)
            elif role in _ANSWERS and asked:
                yield asked, said


def _media_of(entry: Mapping[str, object]) -> str | None:
    for name in _MEDIA:
        value = entry.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str) and value:
            return value
    return None


def _without_tags(prompt: str) -> str:
    for tag in _TAGS:
        prompt = prompt.replace(tag, "")
    return prompt.strip()
