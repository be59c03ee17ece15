import io
import random
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.sources.media_loading import LoadedMedia, MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.errors import SetupError
from descan.media.media_files import MediaError
from tests.collect.collectors import MODELS, read_lines
from tests.collect.conftest import Collect
from tests.vlm_server import ModelRequest, Script, VlmServer
from tests.vlm_server.exchange import Media

CODECS = {
    ".webm": ("libvpx", "libopus"),
    ".mpg": ("mpeg2video", "mp2"),
    ".wmv": ("wmv2", "mp2"),
    ".flv": ("flv", "aac"),
}
"""Of pictures and sound, where a format does not take the usual ones."""


def write_clip(path: Path, greys: Sequence[int], *, codec: str = "mpeg4", size: tuple[int, int] = (64, 48)) -> Path:
    """Write a clip whose n-th frame has the n-th grey value all over."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for grey in greys:
            pixels = np.full((size[1], size[0], 3), grey, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def load(path: Path, *, n_frames: int = 4, **changes: object) -> LoadedMedia:
    settings = ModelSettings.model_validate({"provider": "gemini", "model": "m", "n_frames": n_frames, **changes})
    return MediaLoader().load(SourceItem("clip", path), settings)


def greys(loaded: LoadedMedia) -> list[int]:
    frames = [Image.open(io.BytesIO(part.data)) for part in loaded.parts]
    assert {frame.format for frame in frames} == {"JPEG"}
    assert {part.mime_type for part in loaded.parts} == {"image/jpeg"}
    assert loaded.n_frames == len(frames)
    return [int(np.asarray(frame).mean()) for frame in frames]


@pytest.mark.parametrize(
    ("n_all", "n_wanted", "positions"),
    [
        # 20 frames in 4 stretches of 5: their middles are 2.5, 7.5, 12.5, 17.5, of which the whole part counts.
        (20, 4, [2, 7, 12, 17]),
        (20, 1, [10]),
        (21, 3, [3, 10, 17]),
        (3, 8, [0, 1, 2]),
        (1, 4, [0]),
    ],
)
@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.avi", "mpeg4"), ("a.mp4", "mpeg4"), ("a.mkv", "mpeg4"), ("a.mov", "mjpeg"), ("a.avi", "mjpeg")],
)
def test_frames_come_from_the_middles_of_equal_stretches(
    tmp_path: Path, name: str, codec: str, n_all: int, n_wanted: int, positions: list[int]
) -> None:
    path = write_clip(tmp_path / name, [10 + 11 * n for n in range(n_all)], codec=codec)
    found = greys(load(path, n_frames=n_wanted))
    assert [round((grey - 10) / 11) for grey in found] == positions


def test_frames_are_scaled_down(tmp_path: Path) -> None:
    loaded = load(write_clip(tmp_path / "a.avi", [100] * 8, size=(320, 240)), max_side=160)
    assert {Image.open(io.BytesIO(part.data)).size for part in loaded.parts} == {(160, 120)}


def test_every_model_gets_the_same_frames_unless_whole_clips_are_wanted(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [10 * n for n in range(20)])
    item = SourceItem("clip", path)
    found = [
        MediaLoader().load(item, ModelSettings.model_validate({"provider": provider, "model": "m"}))
        for provider in ("openai", "gemini")
    ]
    assert found[0] == found[1]
    assert (found[0].clip, found[0].n_frames) == ("frames", 8)


def test_frames_of_a_second_are_taken_where_they_are_wanted(tmp_path: Path) -> None:
    # 50 frames at 10 a second are 5 seconds: 2 a second are 10 pictures.
    path = write_clip(tmp_path / "a.avi", [100] * 50)
    assert load(path, fps=2).n_frames == 10
    assert load(path, fps=0.1).n_frames == 1
    assert load(path, fps=24, clips="whole").seconds == pytest.approx(5, abs=0.2)


def test_a_silent_clip_that_is_sent_whole_is_the_file_itself(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", [0, 90, 180])
    for settings in ({"clips": "whole"}, {"audio": True}):
        loaded = load(path, **settings)
        (part,) = loaded.parts
        assert (part.data, part.mime_type, loaded.n_frames) == (path.read_bytes(), "video/avi", None)
        assert (part.sha256, loaded.clip) == (loaded.media_sha256, "silent")


@pytest.mark.parametrize("suffix", [".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".mpg", ".wmv", ".flv", ".3gp"])
def test_sound_is_removed_and_every_frame_stays(tmp_path: Path, suffix: str) -> None:
    path = write_film(tmp_path / f"a{suffix}", [10 * n for n in range(20)])
    loaded = load(path, clips="whole")
    (part,) = loaded.parts
    assert (loaded.clip, loaded.media_sha256) == ("silent", sha256(path.read_bytes()).hexdigest())
    assert part.sha256 == sha256(part.data).hexdigest()
    before, after = decode(path.read_bytes()), decode(part.data)
    assert before[1]
    assert not after[1]
    assert len(after[0]) == 20
    assert all(np.array_equal(one, other) for one, other in zip(before[0], after[0], strict=True))
    whole = load(path, audio=True)
    assert (whole.clip, whole.parts[0].data) == ("with sound", path.read_bytes())


def write_film(path: Path, greys: Iterable[int]) -> Path:
    """Write a clip with a second of a low tone."""
    video, audio = CODECS.get(path.suffix, ("mpeg4", "aac"))
    with av.open(str(path), "w") as container:
        picture = container.add_stream(video, rate=25 if video == "mpeg2video" else 20)
        sound = container.add_stream(audio, rate=48000)
        assert isinstance(picture, av.VideoStream)
        assert isinstance(sound, av.AudioStream)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        for grey in greys:
            pixels = np.full((48, 64, 3), grey, np.uint8)
            container.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(picture.encode(None))
        tone = (0.2 * np.sin(np.arange(48000) / 40)).astype(np.float32)[None]
        resampler = av.AudioResampler(
            format=sound.format, layout="mono", rate=48000, frame_size=sound.frame_size or 1152
        )
        samples = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        samples.sample_rate = 48000
        for frame in [*resampler.resample(samples), *resampler.resample(None)]:
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


def decode(data: bytes) -> tuple[list[np.ndarray], bool]:
    """Return the frames of a clip, and whether it has sound."""
    with av.open(io.BytesIO(data), "r") as container:
        has_sound = bool(container.streams.audio)
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)], has_sound


@pytest.mark.parametrize("clips", ["whole", "frames"])
def test_a_video_that_cannot_be_sent_is_one_error(tmp_path: Path, clips: str) -> None:
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    whole = write_clip(tmp_path / "whole.avi", range(0, 250, 10)).read_bytes()
    playlist = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{(tmp_path / 'whole.avi').as_uri()}\n#EXT-X-ENDLIST\n"
    header_end = whole.index(b"movi") + 4
    cases = {
        "empty.avi": (b"", "media_empty", "is empty; replace the file"),
        "text.avi": (b"no clip " * 99, "media_broken", "is a broken video: "),
        "headless.avi": (random.Random(1).randbytes(9000), "media_broken", "is a broken video: "),
        "playlist.avi": (playlist.encode(), "media_broken", "is a broken video: "),
        "frameless.avi": (whole[:header_end], "media_broken", "has no frame; replace the file"),
        "sound.mp4": (None, "media_broken", "has no moving picture; replace the file"),
    }
    for name, (data, code, problem) in cases.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(MediaError) as error:
            load(tmp_path / name, clips=clips)
        assert error.value.code == code, name
        assert str(error.value).startswith(f"{tmp_path / name}: {problem}")
        assert len(str(error.value).splitlines()) == 1


def test_a_clip_that_ends_early_gives_frames_of_what_is_there(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.avi", [50] * 20, codec="mjpeg").read_bytes()
    (tmp_path / "a.avi").write_bytes(whole[: len(whole) * 2 // 3])
    assert load(tmp_path / "a.avi").n_frames == 4


def test_damaged_bytes_are_frames_or_a_media_error(tmp_path: Path) -> None:
    source, path = random.Random(7), tmp_path / "a.avi"
    whole = write_clip(path, range(0, 200, 10)).read_bytes()
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(source.randint(1, 20)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        path.write_bytes(damaged)
        with suppress(MediaError):
            load(path)


def test_a_turned_clip_is_upright(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [100] * 3)
    data = bytearray(path.read_bytes())
    # The matrix of the track header, after which come width and height; 1.0 is 0x00010000 in it.
    start = data.index((64 << 16).to_bytes(4, "big") + (48 << 16).to_bytes(4, "big")) - 36
    one, minus_one = (1 << 16).to_bytes(4, "big"), (-1 << 16).to_bytes(4, "big", signed=True)
    data[start : start + 20] = bytes(4) + one + bytes(4) + minus_one + bytes(4)
    path.write_bytes(data)
    assert {Image.open(io.BytesIO(part.data)).size for part in load(path).parts} == {(48, 64)}


def test_no_face_is_cut_out_of_a_video(tmp_path: Path) -> None:
    item = SourceItem("clip", write_clip(tmp_path / "a.avi", [1, 2, 3]))
    with pytest.raises(
        MediaError, match="is a video, and faces are cropped from pictures only; leave --crop out"
    ) as error:
        MediaLoader(0.2).load(item, ModelSettings(provider="openai", model="m"))
    assert error.value.code == "crop_of_video"


def test_threads_load_clips_at_once(tmp_path: Path) -> None:
    paths = [write_clip(tmp_path / f"{n}.avi", [n * 20] * 10) for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        found = [greys(loaded) for loaded in pool.map(load, paths)]
    assert all(abs(grey - n * 20) < 6 for n, values in enumerate(found) for grey in values)


def test_without_pyav_the_command_that_installs_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "a.avi", [1, 2])
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SetupError, match=r"a\.avi: videos need PyAV; run: pip install 'descan\[video\]'"):
        load(path)


def test_what_each_model_got_of_a_clip_is_what_was_sent_and_is_recorded(collect: Collect, tmp_path: Path) -> None:
    folder, out = tmp_path / "clips" / "Happy", tmp_path / "corpus"
    folder.mkdir(parents=True)
    write_film(folder / "a.mp4", [10 * n for n in range(20)])
    sent: dict[str, list[Media]] = {}

    def answer(request: ModelRequest) -> str:
        sent.setdefault(request.model, []).extend(request.media)
        return "Happy"

    run = (tmp_path / "clips", "--out", out, *MODELS, "--mode", "classify")
    with VlmServer(Script(answer)) as server:
        assert collect(*run, "--set", "n_frames=4", server=server).code == 0
        assert sent["gpt-4o-2024-11-20"] == sent["gemini-2.5-flash"]
        assert len(sent["gemini-2.5-flash"]) == 4
        whole = ("--name", "gemini-2.5-flash=whole", "--set", "whole.clips=whole", "--set", "whole.fps=5")
        assert collect(*run[:3], *MODELS[2:], *run[-2:], *whole, server=server).code == 0
        loud = ("--name", "gemini-2.5-flash=loud", "--set", "loud.audio=true")
        assert collect(*run[:3], *MODELS[2:], *run[-2:], *loud, server=server).code == 0
        assert server.violations == []
    silent, with_sound = sent["gemini-2.5-flash"][4:]
    assert (decode(silent.data)[1], decode(with_sound.data)[1]) == (False, True)
    columns = ("clip", "n_frames", "fps")
    got = {cells["model"]: tuple(map(cells.get, columns)) for cells in read_lines(out / "answers.jsonl")}
    assert got == {
        "gpt-4o-2024-11-20": ("frames", 4, None),
        "gemini-2.5-flash": ("frames", 4, None),
        "whole": ("silent", None, 5),
        "loud": ("with sound", None, None),
    }
