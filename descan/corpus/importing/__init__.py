"""Logs of other tools into corpora: thin readers, a module a format, and one mapping to descan's columns."""

from descan.corpus.importing.adding import ImportResult, add_to_folder, follow_corpus, import_logs
from descan.corpus.importing.format_readers import (
    read_gemini_batch,
    read_inspect,
    read_label_studio,
    read_llava,
    read_lmms_eval,
    read_mer_factory,
    read_openai_batch,
    read_vlmevalkit,
)
from descan.corpus.importing.gathering import GatheredLogs, describe_prompts, gather_logs, read_logs
from descan.corpus.importing.log_formats import FORMATS
from descan.corpus.importing.log_options import LogOptions

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
