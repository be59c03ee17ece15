"""The linguistic knowledge of descan: data files, their schema and their loading."""

from descan.lexicon.files import lexicon_path
from descan.lexicon.loading import Lexicon, load_lexicon, read_yaml

__all__ = ["Lexicon", "lexicon_path", "load_lexicon", "read_yaml"]
