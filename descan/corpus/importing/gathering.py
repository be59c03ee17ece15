"""Logs into a corpus: read, mapped, and written as answers of a corpus that lies in a temporary folder."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Unpack

import orjson

from descan.corpus.answers import UNNAMED_MODEL
from descan.corpus.blocks import answer_key
from descan.corpus.column_names import find_likely_column, name_column
from descan.corpus.corpus import Corpus
from descan.corpus.importing.log_formats import FoundLogs, find_logs
from descan.corpus.importing.log_options import LogKeywords, LogOptions
from descan.corpus.importing.log_rows import Remarks
from descan.corpus.importing.mapping import UNDECIDED, MappedAnswer, RowMapper
from descan.corpus.importing.media_places import name_from
from descan.corpus.spellings import parse_aliases
from descan.errors import InputError, OptionError, quote
from descan.records import DEFAULT_LANGUAGE, Mode, Status
from descan.storage.scratch import Scratch

_N_PROMPTS = 4
_TWICE = "the same answer is in the logs twice"
_OTHER = "another answer of this item, model, mode and repeat comes before; --first-repeat N makes it a repeat"


_OTHER_PROMPT = "the answer is to another prompt of this mode than that of the same item before"

_Found = tuple[bytes, object]
"""The fingerprint of an answer, and the hash of its prompt."""


@dataclass(frozen=True, slots=True)
class GatheredLogs:
    """What logs hold.

    Attributes:
        logs: The files, and their format.
        options: What the user said of them.
        corpus: Their items and answers, or the items alone if no answer has a mode; media that are there are absolute.
        counts: Mode and status -> number of answers.
        models: Model -> number of answers.
        prompts: Mode -> prompt -> number of answers; the mode is None where it is unknown.
        remarks: What was not taken, and what needs care.
        hints: Fields that may be of use, a sentence each.
        n_media: Media that are there.
        n_missing_media: Media that are named and not there.
    """

    logs: FoundLogs
    options: LogOptions
    corpus: Corpus
    counts: Mapping[tuple[Mode, Status], int]
    models: Mapping[str, int]
    prompts: Mapping[Mode | None, Mapping[str, int]]
    remarks: Remarks
    hints: tuple[str, ...]
    n_media: int
    n_missing_media: int


def read_logs(*paths: Path | str, format: str | None = None, **options: Unpack[LogKeywords]) -> Corpus:
    """Return the answers in the logs of another tool as a corpus, for `descan.analyze`.

    A file is read when this is called; the corpus has a copy of its answers. What was not taken is in `left_out`.

    Args:
        paths: Files, or folders of files, of one format.
        format: inspect, lmms-eval, vlmevalkit, openai-batch, gemini-batch, llava, label-studio or mer-factory; None to
            find it out.
        options: As `descan.LogOptions` takes them.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If a file is not allowed, or it does not say which answers are descriptions and which are labels.
        SetupError: If a package is missing that reads the format.
    """
    gathered = gather_logs(paths, format, LogOptions(**options))
    check_modes(gathered)
    corpus = gathered.corpus
    folder = str(corpus.folder.resolve())
    items = {
        item.item_id: item if item.media is None else replace(item, media=name_from(item.media, folder))
        for item in corpus.items.values()
    }
    left_out = Counter(corpus.left_out)
    left_out.update({reason: loss.n for reason, loss in gathered.remarks.losses.items()})
    notes = [f"{warning.n:,} {text} (first: {warning.first})" for text, warning in gathered.remarks.warnings.items()]
    return replace(corpus, items=items, left_out=left_out, notes=(*notes, *gathered.hints))


def gather_logs(paths: Sequence[Path | str], name: str | None, options: LogOptions) -> GatheredLogs:
    """Read logs; answers of unknown mode are only counted, by their prompts.

    Raises:
        OptionError: If there is no format of this name, or it does not take an option.
        InputError: If a file is not allowed.
        SetupError: If a package is missing that reads the format.
    """
    if not paths:
        raise OptionError("paths", "are missing; name at least one log")
    logs = find_logs([Path(path) for path in paths], name)
    _check_columns(logs, options)
    remarks, left_out = Remarks(), Counter[str]()
    mapper = RowMapper(options, remarks, left_out)
    scratch = Scratch()
    answers, failures = scratch.new_path("answers.jsonl"), scratch.new_path("failures.jsonl")
    sorting = _Sorting(remarks, parts_prompts=options.prompt_contains is not None)
    with ExitStack() as files:
        mapped = mapper.map_rows(logs.log_format.read(logs.paths, options, remarks))
        sorting.write(mapped, *(files.enter_context(path.open("wb")) for path in (answers, failures)))
    mapper.check()
    if not sorting.counts:
        remarks.losses.pop(UNDECIDED, None)
    corpus = Corpus(
        name=logs.paths[0].stem,
        items=mapper.items if sorting.counts else mapper.undecided,
        answer_files=(answers,),
        failure_file=failures if failures.stat().st_size else None,
        language=options.language or DEFAULT_LANGUAGE,
        aliases=parse_aliases(options.aliases, options.category_set()),
        categories=options.category_set(),
        prompts=_only_prompts(mapper.prompts),
        sources=logs.paths,
        left_out=left_out,
        scratch=scratch,
    )
    models = sorting.models or mapper.undecided_models
    return GatheredLogs(
        logs,
        options,
        corpus,
        sorting.counts,
        models,
        mapper.prompts,
        remarks,
        tuple(_hints(mapper, models, options)),
        mapper.media.n_found,
        mapper.media.n_missing,
    )


def check_modes(gathered: GatheredLogs) -> None:
    """Check that it is known what all answers are, and that there are any.

    Raises:
        InputError: If not.
    """
    path = gathered.logs.paths[0]
    unknown = gathered.prompts.get(None, {})
    if unknown and not gathered.counts:
        shown = describe_prompts(unknown)
        if gathered.options.prompt_contains is not None:
            raise InputError(path, f"no prompt has the words of --prompt-contains; the prompts are {shown}")
        ask = "--mode describe or --mode classify for all answers, or --prompt-contains MODE=TEXT for each prompt"
        raise InputError(path, f"what were the models asked for? Say {ask}; the prompts are {shown}")
    if not gathered.counts:
        losses = "; ".join(f"{loss.n:,}: {reason}" for reason, loss in gathered.remarks.losses.items())
        raise InputError(path, f"has no answers to take{f' ({losses})' if losses else ''}; name a log with answers")


def describe_prompts(prompts: Mapping[str, int]) -> str:
    """Return the most frequent prompts, with the number of their answers."""
    most = sorted(prompts.items(), key=lambda pair: -pair[1])
    more = f", and {len(most) - _N_PROMPTS:,} others" if len(most) > _N_PROMPTS else ""
    return ", ".join(f"{quote(prompt)} ({n:,})" for prompt, n in most[:_N_PROMPTS]) + more


def fingerprint(text: str, status: str) -> bytes:
    """Return what is equal in equal answers to a question."""
    return blake2b(f"{status}\0{text}".encode(errors="replace"), digest_size=8).digest()


class _Sorting:
    """Writes answers and failures, each once."""

    def __init__(self, remarks: Remarks, *, parts_prompts: bool) -> None:
        self.counts: Counter[tuple[Mode, Status]] = Counter()
        self.models: Counter[str] = Counter()
        self._remarks = remarks
        self._parts_prompts = parts_prompts
        self._seen: dict[bytes, _Found] = {}

    def write(self, mapped: Iterator[MappedAnswer], answers: BinaryIO, failures: BinaryIO) -> None:
        failed: dict[bytes, MappedAnswer] = {}
        for each in mapped:
            answer = each.answer
            key = answer_key(answer)
            if answer.status is Status.FAILED:
                failed.setdefault(key, each)
                continue
            found = fingerprint(answer.text, answer.status), each.cells.get("prompt_sha256")
            known = self._seen.setdefault(key, found)
            if known is not found:
                self._remarks.lose(self._compare(each, known, found), each.path, answer.line)
                continue
            self._count(each)
            answers.write(_encode(each))
        for key, each in failed.items():
            if key not in self._seen:
                self._count(each)
                failures.write(_encode(each))

    def _compare(self, each: MappedAnswer, known: _Found, found: _Found) -> str:
        """Return why the second of two answers of a key is not taken.

        Raises:
            InputError: If they answer different prompts, and nothing parts these.
        """
        if known[1] == found[1]:
            return _TWICE if known == found else _OTHER
        if self._parts_prompts:
            return _OTHER_PROMPT
        answer = each.answer
        problem = f"item {quote(answer.item_id)} has answers to two prompts that both count as {answer.mode}"
        raise InputError(each.path, f"{problem}; part them by --prompt-contains MODE=TEXT", answer.line)

    def _count(self, each: MappedAnswer) -> None:
        self.counts[each.answer.mode, each.answer.status] += 1
        self.models[each.answer.model] += 1


def _encode(each: MappedAnswer) -> bytes:
    return orjson.dumps(each.cells, option=orjson.OPT_APPEND_NEWLINE)


def _check_columns(logs: FoundLogs, options: LogOptions) -> None:
    for option in ("text_column", "label_column"):
        if getattr(options, option) is not None and not logs.log_format.takes_columns:
            raise OptionError(option, f"is not for {logs.log_format.name}, which says itself what the replies are")


def _only_prompts(prompts: Mapping[Mode | None, Mapping[str, int]]) -> dict[str, str]:
    """Return the prompt of every mode that has only one."""
    return {str(mode): next(iter(some)) for mode, some in prompts.items() if mode and len(some) == 1 and "" not in some}


def _hints(mapper: RowMapper, models: Collection[str], options: LogOptions) -> Iterator[str]:
    """Yield what the user may have wanted to name."""
    if UNNAMED_MODEL in models:
        yield "no model; --model NAME names that of all answers"
    items = (mapper.items or mapper.undecided).values()
    missing = {
        "gold": options.gold and not any(item.gold for item in items),
        "group": not any(item.group for item in items),
        "media": not any(item.media for item in items),
    }
    for column, is_missing in missing.items():
        if is_missing and getattr(options, f"{column}_column") is None:
            name = find_likely_column(column, mapper.first_fields)
            if name is not None:
                yield f"no {column}; column {quote(name)} found: {name_column(column, name)}"
