"""How near does collecting come to what a provider's latency allows, does its memory grow, how soon does it resume?

`descan collect` runs in a process of its own, against a server on this machine in another, which answers at a fixed
latency and does not check what it is asked. Pictures are 300 kB of noise. Both processes share the machine's cores.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import numpy as np
from PIL import Image

from descan.collect.collecting import MEDIA_INDEX
from descan.collect.sources.media_index import MediaIndex
from descan.collect.sources.source_loading import load_source

LATENCY_S = 1.0
CONCURRENCY = 64
N_PICTURES = 2_048
N_SERIAL = 10
MIN_SHARE_OF_IDEAL = 0.9
MIN_TIMES_SERIAL = 20

N_FEW, N_MANY = 1_000, 20_000
MAX_GROWTH_MB = 50

N_ITEMS = 100_000
MAX_RESUME_S = 10
MODELS = ("openai:gpt-4o-2024-11-20", "gemini:gemini-2.5-flash")
MODES = ("describe", "classify")

_ROOT = Path(__file__).parents[1]
_PICTURE_SIDE = 316
_N_LEFT = 20


def describe_collecting() -> str:
    """Measure all three, which takes some minutes."""
    return "\n".join((*map(_describe_rate, MODELS), _describe_memory(), _describe_resuming()))


def _describe_rate(model: str) -> str:
    with TemporaryDirectory() as folder:
        pictures = _draw_pictures(Path(folder), N_PICTURES, _PICTURE_SIDE)
        rate = _rate(model, pictures, Path(folder) / "at-once", "--concurrency", CONCURRENCY)
        serial = _rate(model, pictures, Path(folder) / "serial", "--concurrency", 1, "--limit", N_SERIAL)
        bare = _bare_rate(next(pictures.glob("**/*.png")))
    share, times = rate * LATENCY_S / CONCURRENCY, rate / serial
    is_good = share >= MIN_SHARE_OF_IDEAL and times >= MIN_TIMES_SERIAL
    return (
        f"{model}: {N_PICTURES:,} requests, {CONCURRENCY} at once, latency {LATENCY_S:g} s: {rate:.1f} a second, "
        f"{share:.0%} of the ideal (a bare client {bare * LATENCY_S / CONCURRENCY:.0%}), {times:.0f} times serial; "
        f"{'within' if is_good else 'under'} {MIN_SHARE_OF_IDEAL:.0%} and {MIN_TIMES_SERIAL} times"
    )


def _rate(model: str, pictures: Path, out: Path, *options: object) -> float:
    """Return the requests a second, from the first that came to the last that was answered."""
    with _serve(LATENCY_S) as server:
        server.collect(pictures, out, *options, models=(model,)).wait()
        counts = server.counts()
    return float(counts["n_paid"] / (counts["last_at"] - counts["first_at"]))


def _bare_rate(picture: Path) -> float:
    """Return the requests a second of a client that sends one prepared body again and again, and keeps nothing."""
    url = f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "Describe the face."}]
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}).encode()
    headers = {"authorization": "Bearer sk-bench-0123456789", "content-type": "application/json"}

    async def send(root: str) -> None:
        left = iter(range(N_PICTURES))
        limits = httpx2.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)

        async def work(client: httpx2.AsyncClient) -> None:
            for _ in left:
                await client.post(f"{root}/v1/chat/completions", content=body, headers=headers)

        async with httpx2.AsyncClient(limits=limits, trust_env=False, timeout=60) as client:
            await asyncio.gather(*(work(client) for _ in range(CONCURRENCY)))

    with _serve(LATENCY_S) as server:
        asyncio.run(send(server.root))
        counts = server.counts()
    return float(counts["n_paid"] / (counts["last_at"] - counts["first_at"]))


def _describe_memory() -> str:
    n_repeats = 10
    with TemporaryDirectory() as folder, _serve(0) as server:
        pictures = _draw_pictures(Path(folder), N_MANY // n_repeats, _PICTURE_SIDE)
        begin = time.perf_counter()
        process = server.collect(pictures, Path(folder) / "out", "--repeats", n_repeats, "--concurrency", CONCURRENCY)
        few = many = 0.0
        while process.poll() is None:
            resident = _resident_mb(process.pid)
            if server.counts()["n_paid"] <= N_FEW:
                few = max(few, resident)
            many = max(many, resident)
            time.sleep(0.05)
        seconds, n_paid = time.perf_counter() - begin, server.counts()["n_paid"]
    limit = "within" if many - few <= MAX_GROWTH_MB else "over"
    return (
        f"memory: {few:.0f} MB at most up to {N_FEW:,} requests, {many:.0f} MB up to {n_paid:,} "
        f"({n_paid / seconds:.0f} a second without latency); {limit} {MAX_GROWTH_MB} MB"
    )


def _describe_resuming() -> str:
    with TemporaryDirectory() as folder:
        pictures, out = _draw_pictures(Path(folder), N_ITEMS, 8), Path(folder) / "out"
        with _serve(0) as server:
            n_answers = _write_answers(server, pictures, out)
        with _serve(0) as server:
            seconds, n_left = _resume(server, pictures, out)
    limit = "within" if seconds <= MAX_RESUME_S else "over"
    return f"resuming {n_answers:,} answers: {n_left} left, first sent after {seconds:.1f} s; {limit} {MAX_RESUME_S} s"


def _resume(server: "_Server", pictures: Path, out: Path) -> tuple[float, int]:
    """Return the seconds from the start of the process to its first request, and how many it sends."""
    begin = time.time()
    server.collect(pictures, out, modes=MODES, models=MODELS).wait()
    counts = server.counts()
    return float(counts["first_at"] - begin), int(counts["n_paid"])


def _write_answers(server: "_Server", pictures: Path, out: Path) -> int:
    """Answer nearly all items of a corpus as the few that were really collected."""
    few = ("--max-requests", 8, "--concurrency", 1)
    server.collect(pictures, out, *few, modes=MODES, models=MODELS).wait()
    path = out / "answers.jsonl"
    found = [json.loads(line) for line in path.read_text().splitlines()]
    templates = {
        (line["model"], line["mode"]): json.dumps(line | {"item_id": "ITEM", "media_sha256": "SHA256"})
        for line in found
    }
    assert len(templates) == len(tuple(product(MODELS, MODES))), "too few answers to copy"
    done = {(line["item_id"], line["model"], line["mode"]) for line in found}
    index = MediaIndex(out / MEDIA_INDEX)
    n_answers = len(found)
    with path.open("a") as file:
        for item in load_source(pictures, aliases={}).items[:-_N_LEFT]:
            sha256 = index.current_sha256(item)
            for (model, mode), template in templates.items():
                if (item.item_id, model, mode) not in done:
                    file.write(template.replace("ITEM", item.item_id).replace("SHA256", sha256) + "\n")
                    n_answers += 1
    return n_answers


def _draw_pictures(folder: Path, n: int, side: int) -> Path:
    """Draw noise once and give each file bytes of its own behind the picture."""
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    place = folder / "pictures" / "Neutral"
    place.mkdir(parents=True)
    path = place / "0000000.png"
    Image.fromarray(noise).save(path)
    picture = path.read_bytes()
    for number in range(1, n):
        (place / f"{number:07}.png").write_bytes(picture + number.to_bytes(8))
    return folder / "pictures"


@dataclass(frozen=True, slots=True)
class _Server:
    """A server in another process.

    Attributes:
        environment: In which a collector finds it.
        root: Its address.
    """

    environment: Mapping[str, str]
    root: str
    collectors: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{self.root}/counts") as reply:
            counts: dict[str, Any] = json.load(reply)
            return counts

    def collect(
        self,
        source: Path,
        out: Path,
        *options: object,
        modes: tuple[str, ...] = ("describe",),
        models: tuple[str, ...] = MODELS[:1],
    ) -> subprocess.Popen[bytes]:
        chosen = [part for mode in modes for part in ("--mode", mode)]
        chosen += [part for model in models for part in ("--model", model)]
        command = [sys.executable, "-m", "descan", "collect", str(source), "--out", str(out), "--no-raw", *chosen]
        collector = subprocess.Popen(
            [*command, *map(str, options)],
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.collectors.append(collector)
        return collector


@contextmanager
def _serve(latency_s: float) -> Iterator[_Server]:
    command = [sys.executable, "-m", "tests.vlm_server", "--no-checks", "--latency", str(latency_s)]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    environment = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
    environment |= {"OPENAI_API_KEY": "sk-bench-0123456789", "GEMINI_API_KEY": "AIza-bench-0123456789"}
    server = _Server(environment, environment["GOOGLE_GEMINI_BASE_URL"])
    try:
        yield server
    finally:
        for collector in server.collectors:
            collector.kill()
            collector.wait()
        process.kill()
        process.wait()
        process.stdout.close()


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process; 0 if it has just ended. Linux only."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20 if len(fields) > 1 else 0.0


if __name__ == "__main__":
    print(describe_collecting())
