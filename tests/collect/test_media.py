import io
import os
import random
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.sources.media_index import MediaIndex
from descan.collect.sources.media_loading import LoadedMedia, MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.errors import SetupError
from descan.media.face_boxes import FaceBox, parse_face_box
from descan.media.media_files import MediaError, Part

ORIENTATION = 0x0112
RED, BLUE = (254, 0, 0), (0, 0, 254)


def halves(width: int = 80, height: int = 40) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def load(
    path: Path, data: bytes | None = None, *, max_side: int | None = None, box: str = "", margin: float | None = None
) -> LoadedMedia:
    if data is not None:
        path.write_bytes(data)
    item = SourceItem("item", path, face_box=parse_face_box(box) if box else None)
    settings = ModelSettings(provider="openai", model="m", max_side=max_side)
    return MediaLoader(margin).load(item, settings)


def open_image(part: Part) -> Image.Image:
    image = Image.open(io.BytesIO(part.data))
    assert Image.MIME[str(image.format)] == part.mime_type
    assert part.sha256 == sha256(part.data).hexdigest()
    return image


def test_a_heic_picture_is_sent_as_jpeg_whatever_its_suffix(tmp_path: Path) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    data = encoded(halves(), "HEIF", quality=95)
    for name in ("a.heic", "a.HEIF", "a.jpg"):
        (part,) = load(tmp_path / name, data).parts
        image = open_image(part)
        assert (part.mime_type, image.size) == ("image/jpeg", (80, 40))
        assert is_near(image.getpixel((10, 20)), RED)
        assert is_near(image.getpixel((70, 20)), BLUE)


def test_a_heic_picture_without_its_package_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(SetupError, match=r"HEIC pictures need pillow-heif; run: pip install 'descan\[heic\]'"):
        load(tmp_path / "a.heic", b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00")


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("name", "image", "kind", "mime_type"),
    [
        ("a.jpg", halves(), "JPEG", "image/jpeg"),
        ("a.png", halves(), "PNG", "image/png"),
        ("a.webp", halves(), "WEBP", "image/webp"),
        ("two_views.jpg", halves(), "MPO", "image/jpeg"),
        ("named_otherwise.png", halves(), "JPEG", "image/jpeg"),
        ("palette.png", halves().convert("P"), "PNG", "image/png"),
        ("grey.jpg", halves().convert("L"), "JPEG", "image/jpeg"),
        ("opaque.png", halves().convert("RGBA"), "PNG", "image/png"),
    ],
)
def test_a_common_picture_is_sent_byte_for_byte(
    tmp_path: Path, name: str, image: Image.Image, kind: str, mime_type: str
) -> None:
    data = encoded(image, kind, save_all=kind == "MPO", append_images=[image])
    digest = sha256(data).hexdigest()
    assert Image.open(io.BytesIO(data)).format == kind
    loaded = load(tmp_path / name, data, max_side=80)
    assert loaded == LoadedMedia((Part(data, mime_type, digest),), digest, None)


def grey16() -> Image.Image:
    return Image.fromarray(np.tile(np.array([[60000] * 40 + [300] * 40], np.uint16), (40, 1)))


@pytest.mark.parametrize(
    ("name", "data", "mime_type", "left", "right"),
    [
        ("a.bmp", encoded(halves(), "BMP"), "image/png", RED, BLUE),
        ("a.tiff", encoded(halves(), "TIFF"), "image/png", RED, BLUE),
        ("a.gif", encoded(halves(), "GIF"), "image/png", RED, BLUE),
        ("cmyk.jpg", encoded(halves().convert("CMYK"), "JPEG", quality=95), "image/jpeg", RED, BLUE),
        ("cmyk.tif", encoded(halves().convert("CMYK"), "TIFF"), "image/png", RED, BLUE),
        ("16.png", encoded(grey16(), "PNG"), "image/png", (233, 233, 233), (1, 1, 1)),
        ("16.tif", encoded(grey16(), "TIFF"), "image/png", (233, 233, 233), (1, 1, 1)),
        (
            "1.tif",
            encoded(halves().convert("L").convert("1", dither=Image.Dither.NONE), "TIFF"),
            "image/png",
            (0, 0, 0),
            (0, 0, 0),
        ),
    ],
)
def test_other_pictures_are_written_anew_with_the_same_colours(
    tmp_path: Path, name: str, data: bytes, mime_type: str, left: tuple[int, int, int], right: tuple[int, int, int]
) -> None:
    loaded = load(tmp_path / name, data)
    (part,) = loaded.parts
    image = open_image(part).convert("RGB")
    assert (part.mime_type, image.size) == (mime_type, (80, 40))
    assert is_near(image.getpixel((10, 20)), left)
    assert is_near(image.getpixel((70, 20)), right)
    assert loaded.media_sha256 == sha256(data).hexdigest() != part.sha256


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    image = halves().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 40, 40))
    palette = Image.new("P", (80, 40), 0)
    palette.putpalette([9, 9, 9, *BLUE])
    palette.paste(1, (40, 0, 80, 40))
    for name, data in (("a.png", encoded(image, "PNG")), ("p.png", encoded(palette, "PNG", transparency=0))):
        shown = open_image(load(tmp_path / name, data).parts[0])
        assert (shown.mode, shown.getpixel((10, 20)), shown.getpixel((70, 20))) == ("RGB", (255, 255, 255), BLUE)


def test_of_a_moving_picture_the_first_frame_is_sent(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 40), RED), Image.new("RGB", (40, 40), BLUE)]
    for kind in ("GIF", "PNG", "WEBP"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        image = open_image(load(tmp_path / f"a.{kind.lower()}", data).parts[0])
        assert (image.format, image.convert("RGB").getpixel((5, 5))) == ("PNG", RED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_says(tmp_path: Path, orientation: int) -> None:
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = halves() if undo is None else halves().transpose(undo)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(stored, "JPEG", exif=exif, quality=95)
    loaded = load(tmp_path / "a.jpg", data, box="0,0,0.25,1", margin=0)
    whole, face = map(open_image, loaded.parts)
    assert (whole.size, face.size) == ((80, 40), (20, 40))
    assert whole.getexif().get(ORIENTATION, 1) == 1
    assert is_near(whole.getpixel((10, 20)), RED)
    assert is_near(whole.getpixel((70, 20)), BLUE)
    assert is_near(face.getpixel((10, 20)), RED)
    assert (loaded.parts[0].data == data) == (orientation == 1)


@pytest.mark.parametrize(("max_side", "size"), [(40, (40, 20)), (79, (79, 40)), (80, (80, 40)), (None, (80, 40))])
def test_a_large_picture_is_scaled_down_to_its_longest_side(
    tmp_path: Path, max_side: int | None, size: tuple[int, int]
) -> None:
    data = encoded(halves(), "PNG")
    (part,) = load(tmp_path / "a.png", data, max_side=max_side).parts
    assert open_image(part).size == size
    assert (part.data == data) == (size == (80, 40))


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_the_colour_profile_is_kept_with_the_colours_that_it_is_of(tmp_path: Path, kind: str) -> None:
    for image, kept in ((halves(), srgb()), (halves().convert("CMYK"), None)):
        if kind != "PNG" or kept:
            data = encoded(image, kind, icc_profile=srgb())
            (part,) = load(tmp_path / "a.png", data, max_side=40).parts
            assert open_image(part).info.get("icc_profile") == kept


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_other_formats_are_turned_too_and_only_once(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encoded(halves().transpose(Image.Transpose.ROTATE_90), kind, exif=exif)
    image = open_image(load(tmp_path / "a.png", data).parts[0])
    assert (image.size, image.getexif().get(ORIENTATION, 1)) == ((80, 40), 1)


def test_a_very_thin_picture_keeps_a_pixel(tmp_path: Path) -> None:
    data = encoded(Image.new("RGB", (4000, 3)), "PNG")
    assert open_image(load(tmp_path / "a.png", data, max_side=32).parts[0]).size == (32, 1)


def test_a_png_that_would_be_very_large_is_sent_as_jpeg(tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (1800, 1600), random.Random(0).randbytes(1800 * 1600 * 3))
    (part,) = load(tmp_path / "a.bmp", encoded(noise, "BMP")).parts
    assert part.mime_type == "image/jpeg"


def test_a_face_is_cut_before_scaling_and_follows_the_whole(tmp_path: Path) -> None:
    data = encoded(halves(800, 400), "PNG")
    whole, face = load(tmp_path / "a.png", data, max_side=200, box="600,100,100,100", margin=0.2).parts
    assert open_image(whole).size == (200, 100)
    assert open_image(face).size == (140, 140)
    assert open_image(face).getpixel((0, 0)) == BLUE


def broken_png() -> bytes:
    return encoded(halves(), "PNG")[:-40]


def bomb() -> bytes:
    return encoded(Image.new("1", (20_000, 5_000)), "PNG")


@pytest.mark.parametrize(
    ("data", "code", "problem"),
    [
        (lambda: b"", "media_empty", "is empty; replace the file"),
        (lambda: b"<html>", "media_broken", "is not a picture that can be read; replace it by a JPEG, PNG, WebP"),
        (broken_png, "media_broken", "is a broken picture: '"),
        (lambda: encoded(halves(), "JPEG")[:-20], "media_broken", "is a broken picture: 'image file is truncated"),
        (bomb, "media_too_large", f"has more than {Image.MAX_IMAGE_PIXELS} pixels; scale it down"),
        (
            lambda: encoded(Image.new("1", (20_000, 10_000)), "PNG"),
            "media_too_large",
            f"has more than {Image.MAX_IMAGE_PIXELS} pixels; scale it down",
        ),
        (lambda: encoded(Image.new("F", (9, 9)), "TIFF"), "media_broken", "has pixels of mode F; store it with 8 or"),
    ],
)
def test_a_picture_that_cannot_be_sent_is_one_error(
    tmp_path: Path, data: Callable[[], bytes], code: str, problem: str
) -> None:
    with pytest.raises(MediaError) as error:
        load(tmp_path / "a.png", data())
    assert error.value.code == code
    assert str(error.value).startswith(f"{tmp_path / 'a.png'}: {problem}")
    assert len(str(error.value).splitlines()) == 1


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "gone.png", "media_missing"), (tmp_path, "media_unreadable")):
        with pytest.raises(MediaError) as error:
            load(path)
        assert error.value.code == code


@pytest.mark.parametrize(
    ("box", "code"), [("", "no_face_box"), ("90,0,10,10", "face_box_outside"), ("0,-20,10,20", "face_box_outside")]
)
def test_a_face_that_cannot_be_cut_out_is_an_error(tmp_path: Path, box: str, code: str) -> None:
    with pytest.raises(MediaError) as error:
        load(tmp_path / "a.png", encoded(halves(), "PNG"), box=box, margin=0.5)
    assert error.value.code == code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_damaged_bytes_are_a_picture_or_a_media_error(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    source = random.Random(kind)
    whole = encoded(halves(), kind) if kind in ("GIF", "BMP") else encoded(halves(), kind, exif=exif)
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(source.randint(1, 8)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        with suppress(MediaError):
            load(tmp_path / "a.png", bytes(damaged), max_side=source.choice((64, None)))


def test_no_warning_of_the_decoder_gets_out_of_any_thread(tmp_path: Path) -> None:
    bad_exif = encoded(halves(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x09\0\x12\x01")
    pictures = [bad_exif, bomb(), encoded(halves(), "PNG")]

    def attempt(n: int) -> str:
        try:
            return load(tmp_path / f"{n}.png", pictures[n % 3]).parts[0].mime_type
        except MediaError as error:
            return error.code

    with warnings.catch_warnings(record=True) as caught, ThreadPoolExecutor(8) as pool:
        warnings.simplefilter("always")
        found = list(pool.map(attempt, range(48)))
    assert found == ["image/jpeg", "media_too_large", "image/png"] * 16
    assert caught == []


@pytest.mark.parametrize(
    ("value", "box"),
    [
        ("10,20,30,40", FaceBox(10, 20, 30, 40, is_share=False)),
        (" -5 , 0.5, 30,40", FaceBox(-5, 0.5, 30, 40, is_share=False)),
        ("0,0,1,1", FaceBox(0, 0, 1, 1, is_share=True)),
        ([0.1, 0.2, 0.3, 0.4], FaceBox(0.1, 0.2, 0.3, 0.4, is_share=True)),
    ],
)
def test_a_face_box_is_read_as_pixels_or_shares(value: object, box: FaceBox) -> None:
    assert parse_face_box(value) == box
    assert parse_face_box(str(box)) == box


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "'' is not four numbers"),
        ("1,2,3", "'1,2,3' is not four numbers"),
        ("1 2 3 4", "'1 2 3 4' is not four numbers"),
        ("1,2,3,x", "'1,2,3,x' is not four numbers"),
        ("1,2,inf,4", "'1,2,inf,4' is not four numbers"),
        ("nan,2,3,4", "'nan,2,3,4' is not four numbers"),
        ([1, 2, 3, True], "[1, 2, 3, True] is not four numbers"),
        ([1, 2, 3, None], "[1, 2, 3, None] is not four numbers"),
        ([10**400, 2, 3, 4], "is not four numbers"),
        (7, "7 is not four numbers"),
        ("10,10,0,5", "'10,10,0,5' has no area"),
        ("0.1,0.1,-0.5,0.5", "'0.1,0.1,-0.5,0.5' has no area"),
        ("120,80,0.5,0.5", "'120,80,0.5,0.5' is less than 2 pixels wide or high"),
        ("0,0,1.02,1", "'0,0,1.02,1' is less than 2 pixels wide or high"),
    ],
)
def test_what_is_no_face_box_is_refused(value: object, problem: str) -> None:
    with pytest.raises(ValueError, match="x,y,width,height of the upright picture") as error:
        parse_face_box(value)
    assert problem in str(error.value)


@given(
    st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    st.tuples(st.floats(-4000, 4000), st.floats(-4000, 4000), st.floats(2, 4000), st.floats(2, 4000)),
    st.booleans(),
    st.floats(0, 3),
)
def test_a_cut_lies_in_the_picture_and_holds_what_is_visible_of_the_box(
    size: tuple[int, int], numbers: tuple[float, float, float, float], is_share: bool, margin: float
) -> None:
    x, y, width, height = (n / 4000 for n in numbers) if is_share else numbers
    box = FaceBox(x, y, width, height, is_share)
    scale_x, scale_y = size if is_share else (1, 1)
    left, top = x * scale_x, y * scale_y
    right, bottom = left + width * scale_x, top + height * scale_y
    edges = box.cut_from(size, margin)
    if edges is None:
        assert left >= size[0] or top >= size[1] or right <= 0 or bottom <= 0
        return
    assert 0 <= edges[0] < edges[2] <= size[0]
    assert 0 <= edges[1] < edges[3] <= size[1]
    assert edges[0] <= max(0, left)
    assert edges[1] <= max(0, top)
    assert edges[2] >= min(size[0], right)
    assert edges[3] >= min(size[1], bottom)
    wider = box.cut_from(size, margin + 0.1)
    assert wider is not None
    assert wider[0] <= edges[0]
    assert wider[3] >= edges[3]


@given(st.tuples(*[st.floats(-1e6, 1e6) for _ in range(4)]))
def test_a_face_box_is_read_back_as_it_was_written(numbers: tuple[float, float, float, float]) -> None:
    try:
        box = parse_face_box(list(numbers))
    except ValueError:
        return
    assert parse_face_box(str(box)) == box


def test_the_index_knows_a_file_that_has_not_changed(tmp_path: Path) -> None:
    item = SourceItem("item", tmp_path / "a.png")
    index = MediaIndex(tmp_path / "media.jsonl")
    item.path.write_bytes(encoded(halves(), "PNG"))
    assert index.known_sha256(item) is None
    settings = ModelSettings(provider="openai", model="m")
    digest = MediaLoader(None, index).load(item, settings).media_sha256
    again = MediaIndex(tmp_path / "media.jsonl")
    assert index.known_sha256(item) == again.known_sha256(item) == again.current_sha256(item) == digest
    item.path.write_bytes(b"other")
    assert again.known_sha256(item) is None
    assert again.current_sha256(item) == sha256(b"other").hexdigest()
    item.path.unlink()
    assert again.known_sha256(item) is None
    with pytest.raises(MediaError, match=r"a\.png: cannot be read: No such file or directory; put it back"):
        again.current_sha256(item)


def test_a_file_changed_within_its_size_is_noticed_by_its_time(tmp_path: Path) -> None:
    item = SourceItem("item", tmp_path / "a.png")
    item.path.write_bytes(b"one")
    index = MediaIndex(tmp_path / "media.jsonl")
    index.current_sha256(item)
    item.path.write_bytes(b"two")
    os.utime(item.path, ns=(1, 1))
    assert index.known_sha256(item) is None


def test_equal_files_are_told_with_both_names(tmp_path: Path) -> None:
    index = MediaIndex(tmp_path / "media.jsonl")
    for name, data in (("a.png", b"same"), ("b.png", b"same"), ("c.png", b"other"), ("a.png", b"same")):
        (tmp_path / name).write_bytes(data)
        index.current_sha256(SourceItem(f"item {name}", tmp_path / name))
    assert index.duplicates() == (("a.png", "b.png"),)
    again = MediaIndex(tmp_path / "media.jsonl")
    assert again.duplicates() == ()
    for name in ("b.png", "a.png"):
        again.known_sha256(SourceItem(name, tmp_path / name))
    assert again.duplicates() == (("b.png", "a.png"),)


def test_the_index_survives_torn_and_foreign_lines(tmp_path: Path) -> None:
    index_path = tmp_path / "media.jsonl"
    item, other = SourceItem("item", tmp_path / "a.png"), SourceItem("other", tmp_path / "b.png")
    item.path.write_bytes(b"a")
    other.path.write_bytes(b"b")
    MediaIndex(index_path).current_sha256(item)
    whole = index_path.read_bytes()
    for cut in range(len(whole)):
        index_path.write_bytes(b'[]\n{"media": 1}\n\xff\n{"media": "./a.png", "sha256": "x"}\n' + whole[:cut])
        assert MediaIndex(index_path).known_sha256(item) is None
        MediaIndex(index_path).current_sha256(other)
        assert MediaIndex(index_path).known_sha256(other) is not None


def test_threads_share_one_index(tmp_path: Path) -> None:
    items = [SourceItem(str(n), tmp_path / f"{n}.png") for n in range(200)]
    for item in items:
        item.path.write_bytes(item.item_id.encode())
    index = MediaIndex(tmp_path / "media.jsonl")
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(index.current_sha256, items * 2))
    assert digests == [sha256(item.item_id.encode()).hexdigest() for item in items * 2]
    again = MediaIndex(tmp_path / "media.jsonl")
    assert [again.known_sha256(item) for item in items] == digests[:200]
