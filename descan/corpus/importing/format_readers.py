"""A reader for each format of logs, by name: `read_inspect(...)` is `read_logs(..., format="inspect")`."""

from pathlib import Path
from typing import Protocol, Unpack

from descan.corpus.corpus import Corpus
from descan.corpus.importing.gathering import read_logs
from descan.corpus.importing.log_formats import FORMATS
from descan.corpus.importing.log_options import LogKeywords

_DOCSTRING = """Return the answers in {title} as a corpus, for `descan.analyze`.

    A file is read when this is called; the corpus has a copy of its answers. What was not taken is in `left_out`.

    Args:
        paths: Files, or folders of files, of this format.
        options: As `descan.LogOptions` takes them.

    Returns:
        The items and answers, as `descan.read_logs(..., format="{name}")` returns them.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If a file is not allowed, or it does not say which answers are descriptions and which are labels.
        SetupError: If a package is missing that reads the format.
    """


class LogReader(Protocol):
    """Reads the logs of one format."""

    def __call__(self, *paths: Path | str, **options: Unpack[LogKeywords]) -> Corpus:
        """Return the answers as a corpus."""


def _make_reader(format: str) -> LogReader:
    def read(*paths: Path | str, **options: Unpack[LogKeywords]) -> Corpus:
        return read_logs(*paths, format=format, **options)

    read.__name__ = read.__qualname__ = f"read_{format.replace('-', '_')}"
    read.__doc__ = _DOCSTRING.format(title=FORMATS[format].title, name=format)
    return read


read_inspect = _make_reader("inspect")
read_lmms_eval = _make_reader("lmms-eval")
read_vlmevalkit = _make_reader("vlmevalkit")
read_openai_batch = _make_reader("openai-batch")
read_gemini_batch = _make_reader("gemini-batch")
read_llava = _make_reader("llava")
read_label_studio = _make_reader("label-studio")
read_mer_factory = _make_reader("mer-factory")
