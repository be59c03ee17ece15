"""How numbers of things are written in what `descan collect` says."""


def spell_count(n: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun: `1 answer`, `2 answers`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {nouns or noun + 's'}"


def spell_being(n: int, noun: str) -> str:
    """Return a number with its noun and verb: `1 answer is`, `2 answers are`."""
    return f"{spell_count(n, noun)} {'is' if n == 1 else 'are'}"
