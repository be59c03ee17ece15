"""Embed the terms of all lexicons, for the file of their vectors that comes with descan.

Run it after adding terms to a lexicon:

    python -m benchmarks.lexicon_vectors
"""

from descan.embedding import DEFAULT_EMBEDDER, MiniLmEmbedder, model_folder, write_packaged_vectors
from descan.embedding.packaged import PATH
from descan.lexicon import load_lexicon, readable_languages


def main() -> None:
    """Write the file."""
    lexicons = [load_lexicon(language) for language in readable_languages()]
    terms = [
        text
        for lexicon in lexicons
        for text in (*(lexicon.glosses.get(term, term) for term in lexicon.terms), *lexicon.anchors)
    ]
    write_packaged_vectors(terms, MiniLmEmbedder(DEFAULT_EMBEDDER, model_folder(DEFAULT_EMBEDDER)))
    print(f"{PATH}: {len(set(terms)):,} terms, {PATH.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
