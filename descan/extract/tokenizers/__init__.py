"""What cuts the texts of a language into tokens: one protocol, and an adapter for each tokenizer."""

from descan.extract.tokenizers.opening import open_segmenter
from descan.extract.tokenizers.protocol import KeysAndStarts, Segmenter, Token
from descan.extract.tokenizers.spaced import SpacySegmenter

__all__ = ["KeysAndStarts", "Segmenter", "SpacySegmenter", "Token", "open_segmenter"]
