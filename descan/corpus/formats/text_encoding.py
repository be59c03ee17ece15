"""The encoding of a text file: found out, and turned into UTF-8."""

import codecs
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from descan.corpus.formats.lines import BOM
from descan.errors import InputError, OptionError, quote
from descan.storage.paths import open_file

UTF_8 = "utf-8"

_GUESSED = ("cp1252", "cp932", "gb18030")
"""What spreadsheets write besides UTF-8. Of more encodings charset-normalizer takes cp1250 where cp1252 is right."""

_CHUNK = 1 << 20
_N_SAMPLE = 200_000


def check_encoding(name: str) -> None:
    """Check that Python knows an encoding.

    Raises:
        OptionError: If it does not.
    """
    try:
        with suppress(UnicodeDecodeError):
            b"a".decode(name)
    except (LookupError, ValueError):
        allowed = "must be an encoding such as utf-8, utf-16, cp1252, shift_jis or gb18030"
        raise OptionError("encoding", f"{allowed}, not {quote(name)}") from None


def find_encoding(path: Path, *, guesses: bool) -> str:
    """Return the encoding of a text file: by its byte order mark, else UTF-8 if all of it is UTF-8, else the likeliest.

    Args:
        path: The file.
        guesses: Look at all of it; else it is UTF-8 if it does not begin as UTF-16, as JSON must be.

    Raises:
        InputError: If none fits.
    """
    with open_file(path) as file:
        start = file.read(4)
    if start in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        return "utf-32"
    start = start[:2]
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if start.count(0) == 1:  # A letter of ASCII; no table in UTF-8 begins with a NUL or has one in second place.
        return "utf-16-be" if start[0] == 0 else "utf-16-le"
    return _guess(path) if guesses and not _is_utf_8(path) else UTF_8


def write_utf_8(path: Path, encoding: str, target: Path) -> None:
    """Write a text file once more, in UTF-8.

    Raises:
        InputError: If it is not in this encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with target.open("wb") as out:
        for chunk in _chunks(path):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                problem = f"is not {encoding}; name the encoding of the file with --encoding"
                if not isinstance(error, UnicodeDecodeError) or "BOM" in error.reason:  # Until Python 3.12, and since.
                    raise InputError(path, problem) from error
                # The object holds what the decoder had before this chunk, too.
                line += error.object[: error.start].count(b"\n")
                raise InputError(path, f"byte 0x{error.object[error.start]:02x} {problem}", line) from error
            line += text.count("\n")
            out.write(text.encode("utf-8", "surrogatepass"))


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return False
    return True


def _guess(path: Path) -> str:
    from charset_normalizer import from_bytes

    sample = bytearray()
    with open_file(path) as file:
        for line in file:
            if not line.isascii():
                sample += line[:_N_SAMPLE]
            if len(sample) >= _N_SAMPLE:
                break
    best = from_bytes(bytes(sample), cp_isolation=list(_GUESSED)).best()
    if best is None:
        raise InputError(path, "no encoding is found that fits; name it with --encoding, such as --encoding cp1252")
    return best.encoding


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file after a byte order mark of UTF-8, and an empty chunk at the end."""
    with open_file(path) as file:
        yield file.read(_CHUNK).removeprefix(BOM)
        while chunk := file.read(_CHUNK):
            yield chunk
    yield b""
