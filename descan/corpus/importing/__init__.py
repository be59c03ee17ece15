"""Logs of other tools into corpora: thin readers, a module a format, and one mapping to descan's columns."""

from functools import partial

from descan.corpus.importing.adding import ImportResult, add_to_folder, follow_corpus, import_logs
from descan.corpus.importing.gathering import GatheredLogs, describe_prompts, gather_logs, read_logs
from descan.corpus.importing.log_formats import FORMATS
from descan.corpus.importing.log_options import LogOptions

read_inspect = partial(read_logs, format="inspect")
read_lmms_eval = partial(read_logs, format="lmms-eval")
read_vlmevalkit = partial(read_logs, format="vlmevalkit")
read_openai_batch = partial(read_logs, format="openai-batch")
read_gemini_batch = partial(read_logs, format="gemini-batch")
read_llava = partial(read_logs, format="llava")
read_label_studio = partial(read_logs, format="label-studio")
read_mer_factory = partial(read_logs, format="mer-factory")

__all__ = [
    "FORMATS",
    "GatheredLogs",
    "ImportResult",
    "LogOptions",
    "add_to_folder",
    "describe_prompts",
    "follow_corpus",
    "gather_logs",
    "import_logs",
    "read_gemini_batch",
    "read_inspect",
    "read_label_studio",
    "read_llava",
    "read_lmms_eval",
    "read_logs",
    "read_mer_factory",
    "read_openai_batch",
    "read_vlmevalkit",
]
