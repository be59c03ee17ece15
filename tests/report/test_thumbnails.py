"""Small pictures of untrusted files."""

import base64
import io
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from descan.report import thumbnails
from descan.report.thumbnails import SIDE, make_thumbnails

PLENTY = 10_000_000


def open_image(address: str) -> Image.Image:
    head, data = address.split(",", 1)
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    return tmp_path / "corpus"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "CMYK"])
def test_pictures_of_every_kind_become_small(corpus: Path, mode: str) -> None:
    suffix = "tif" if mode in ("I;16", "CMYK") else "png"
    grey = Image.linear_gradient("L").resize((600, 300))
    image = Image.new("I;16", (600, 300), 40_000) if mode == "I;16" else grey.convert(mode)
    save(corpus / f"a.{suffix}", image)
    made, skipped = make_thumbnails(corpus, [f"a.{suffix}"], PLENTY)
    assert (list(made), skipped) == ([f"a.{suffix}"], {})
    assert open_image(made[f"a.{suffix}"]).size == (SIDE, SIDE // 2)


def test_a_picture_stands_upright_and_says_nothing_of_where_it_was_taken(corpus: Path) -> None:
    image = Image.new("RGB", (400, 200), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: to be turned by a quarter.
    exif[0x010E] = "secret place"
    save(corpus / "a.jpg", image, exif=exif, comment=b"secret place")
    small = open_image(make_thumbnails(corpus, ["a.jpg"], PLENTY)[0]["a.jpg"])
    assert small.size == (SIDE // 2, SIDE)
    assert not small.getexif()
    assert "comment" not in small.info


def test_a_clip_gives_its_first_frame(corpus: Path) -> None:
    with av.open(str(corpus / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 320, 160, "yuv420p"
        for level in (200, 0):
            frame = av.VideoFrame.from_ndarray(np.full((160, 320, 3), level, dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    small = open_image(make_thumbnails(corpus, ["a.mp4"], PLENTY)[0]["a.mp4"])
    assert small.size == (SIDE, SIDE // 2)
    assert small.convert("L").getpixel((10, 10)) > 150  # type: ignore[operator]


@pytest.mark.parametrize("name", ["../secret.png", "{}/secret.png", "link.png", "folder/../../secret.png"])
def test_nothing_outside_the_corpus_is_opened(corpus: Path, name: str) -> None:
    secret = save(corpus.parent / "secret.png", Image.new("RGB", (8, 8)))
    (corpus / "folder").mkdir()
    (corpus / "link.png").symlink_to(secret)
    assert make_thumbnails(corpus, [name.format(corpus.parent)], PLENTY) == ({}, {"outside": 1})


@pytest.mark.parametrize("name", ["absent.png", "folder", "a\0b", "x" * 5_000, "loop.png", "fifo.png"])
def test_what_is_no_file_is_missing(corpus: Path, name: str) -> None:
    (corpus / "folder").mkdir()
    (corpus / "loop.png").symlink_to("loop.png")
    os.mkfifo(corpus / "fifo.png")
    assert make_thumbnails(corpus, [name], PLENTY)[1] == {"missing": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + b"\xff" * 50,
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
        b"II*\0" + b"\xff" * 100,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
)
@pytest.mark.parametrize("suffix", ["png", "mp4"])
def test_a_broken_file_is_counted_and_the_next_is_read(corpus: Path, content: bytes, suffix: str) -> None:
    (corpus / f"bad.{suffix}").write_bytes(content)
    save(corpus / "good.png", Image.new("RGB", (8, 8)))
    made, skipped = make_thumbnails(corpus, [f"bad.{suffix}", "good.png"], PLENTY)
    assert (list(made), skipped) == (["good.png"], {"broken": 1})


def test_a_picture_cut_off_in_the_middle_is_broken(corpus: Path) -> None:
    path = save(corpus / "a.png", Image.effect_noise((300, 300), 50))
    path.write_bytes(path.read_bytes()[:20_000])
    assert make_thumbnails(corpus, ["a.png"], PLENTY)[1] == {"broken": 1}


def test_a_picture_that_would_fill_the_memory_is_not_decoded(corpus: Path) -> None:
    # 60 million pixels in 8 kB.
    save(corpus / "bomb.png", Image.new("1", (10_000, 6_000)))
    assert make_thumbnails(corpus, ["bomb.png"], PLENTY)[1] == {"too large": 1}


def test_a_file_that_is_very_long_is_not_opened(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(corpus / "a.png", Image.new("RGB", (8, 8)))
    monkeypatch.setattr(thumbnails, "MAX_FILE_BYTES", 10)
    assert make_thumbnails(corpus, ["a.png"], PLENTY)[1] == {"too large": 1}


def test_pictures_end_where_their_room_ends(corpus: Path) -> None:
    names = [save(corpus / f"{number}.png", Image.effect_noise((100, 100), 50)).name for number in range(10)]
    made, skipped = make_thumbnails(corpus, names, 10_000)
    assert sum(map(len, list(made.values())[:-1])) < 10_000
    assert skipped == {"no room": 10 - len(made)}


def test_one_file_of_many_items_is_one_picture(corpus: Path) -> None:
    save(corpus / "a.png", Image.new("RGB", (8, 8)))
    made, _ = make_thumbnails(corpus, ["a.png", "", "a.png"], PLENTY)
    assert list(made) == ["a.png"]
