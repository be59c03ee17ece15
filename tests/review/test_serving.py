"""The local server: who gets in, and what they get."""

import csv
import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx2 as httpx
import pytest
from PIL import Image

from descan.errors import InputError, OptionError
from descan.review.serving import ReviewOptions, serve_review
from tests.report.analyses import Pair
from tests.review.conftest import Server, StartServer, make_pairs, write_analysis

pytestmark = pytest.mark.slow

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(start_server: StartServer, folder: Path) -> Server:
    corpus, kept = folder / "corpus", folder / "kept"
    corpus.mkdir()
    kept.mkdir()
    Image.new("RGB", (400, 300), "red").save(corpus / "face.png")
    Image.new("RGB", (4, 4), "blue").save(folder / "outside.png")
    media = ("face.png", "../outside.png", str(folder / "outside.png"), "/etc/passwd")
    pairs = [
        Pair(
            f"item-secret-{place}",
            "model-secret",
            "Sad",
            "Fear",
            verdict="seeing_failure",
            text=f"Face {place}.",
            media=name,
        )
        for place, name in enumerate(media)
    ]
    started = start_server(
        write_analysis(folder / "analysis", pairs), "--corpus", str(corpus), "--readings", str(kept / "readings.jsonl")
    )
    return replace(started, readings=kept / "readings.jsonl")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as opened:
        yield opened


def test_each_address_opens_its_own_pages_and_nothing_else(server: Server, client: httpx.Client) -> None:
    root = server.cases.rsplit("/", 2)[0]
    page = client.get(server.cases)
    assert "default-src" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-frame-options"] == "DENY"
    for path in ("cases", "cases.csv", "pictures/0"):
        assert client.get(f"{server.marking}{path}").status_code == 404
    for path in ("/", "/cases", "/x/", "/../etc/passwd", "/%2e%2e/", "/favicon.ico"):
        assert client.get(root + path).status_code == 404
    # Not under another name, which is how a web site could reach it.
    assert client.get(server.cases, headers={"host": "evil.example"}).status_code == 400
    port = int(root.rpartition(":")[2])
    others = {str(address[4][0]) for address in socket.getaddrinfo(socket.gethostname(), port)} - {"127.0.0.1", "::1"}
    for address in others:
        with pytest.raises(OSError, match=r"."), socket.create_connection((address, port), timeout=2):
            pass


def test_a_port_in_use_and_a_folder_without_an_analysis_are_told(server: Server, folder: Path) -> None:
    port = int(server.cases.split(":")[2].partition("/")[0])
    options = ReviewOptions(readings=folder / "others.jsonl", port=port)
    with pytest.raises(OptionError, match=rf"port {port} is not free: .*; leave it out for one that is"):
        serve_review(folder / "analysis", options, print)
    with pytest.raises(InputError, match="is not the folder of an analysis"):
        serve_review(folder / "corpus", ReviewOptions(), print)


def test_pictures_are_those_of_the_corpus_alone(server: Server, client: httpx.Client) -> None:
    cases = client.get(f"{server.cases}cases").json()["cases"]
    pictures = [client.get(f"{server.cases}pictures/{case['place']}") for case in cases]
    assert [picture.status_code for picture in pictures] == [200, 404, 404, 404]
    assert pictures[0].content[8:12] == b"WEBP"


def test_readers_are_told_nothing_of_models_gold_labels_or_verdicts(server: Server, client: httpx.Client) -> None:
    told = client.get(server.marking).text + client.post(f"{server.marking}next", json={"reader": "blind"}).text
    assert "Face " in told
    for secret in ("item-secret", "model-secret", "seeing_failure"):
        assert secret not in told


def test_hostile_requests_change_nothing(server: Server, client: httpx.Client) -> None:
    readings = f"{server.marking}readings"
    good = {"reader": "anna", "place": 0, "described": "Sad"}
    for body in (b"", b"{", b"[]", b"[" * 50_000, b"null", b'"\xff"', b"x" * 100_000):
        answer = client.post(readings, content=body, headers=JSON)
        assert answer.status_code == 400
        assert answer.json() == {"problem": "this is not what the page of a reader sends"}
    # A form on another site can send text, but no JSON by its header.
    plain = {"content-type": "text/plain"}
    assert client.post(readings, content=json.dumps(good), headers=plain).status_code == 400
    assert client.get(readings).status_code == 405
    for change in ({"place": 99}, {"place": "0"}, {"described": "Joy"}, {"reader": ""}, {"path": "/etc/passwd"}):
        assert client.post(readings, json=good | change).status_code == 400
    assert server.read_of("anna") == []
    note = "\ud800 \u202e </script> \u2028 \x00"
    assert client.post(readings, content=json.dumps(good | {"note": note}), headers=JSON).status_code == 200
    assert client.get(f"{server.marking}progress").json()["half_width"] is None
    found = client.get(f"{server.cases}cases?start=-1&size=99999999999999&gold=%00").json()
    assert found == {"n": 0, "cases": []}
    [kept] = server.read_of("anna")
    assert (kept["described"], kept["note"]) == ("Sad", r"\ud800 \u202e </script> \u2028 \x00")


def test_the_readings_are_a_table_for_who_sees_the_cases(server: Server, client: httpx.Client) -> None:
    said = {"reader": "=dora", "place": 0, "described": "Sad", "second": "Fear", "present": ["smile", "brow_lower"]}
    assert client.post(f"{server.marking}readings", json=said).status_code == 200
    rows = csv.DictReader(client.get(f"{server.cases}readings.csv").text.splitlines())
    [row] = [row for row in rows if row["reader"] == "'=dora"]
    assert (row["kind"], row["described"], row["second"]) == ("person", "Sad", "Fear")
    assert (row["present"], row["denied"]) == ("smile; brow_lower", "")
    assert 'href="readings.csv"' in client.get(server.cases).text
    assert client.get(f"{server.marking}readings.csv").status_code == 404


def test_a_reading_that_cannot_be_written_is_told_and_asked_again(
    server: Server, client: httpx.Client, folder: Path
) -> None:
    task = client.post(f"{server.marking}next", json={"reader": "carl"}).json()
    shutil.move(folder / "kept", folder / "away")
    said = {"reader": "carl", "place": task["place"], "described": "Sad"}
    answer = client.post(f"{server.marking}readings", json=said)
    assert answer.status_code == 507
    assert answer.json()["problem"].startswith("The reading is not saved: ")
    shutil.move(folder / "away", folder / "kept")
    assert client.post(f"{server.marking}next", json={"reader": "carl"}).json()["place"] == task["place"]
    assert client.post(f"{server.marking}readings", json=said).json()["n_read"] == 1
    assert len(server.read_of("carl")) == 1


IN_A_NOTEBOOK = """
import asyncio, sys, descan

async def cell():
    readings = descan.review(sys.argv[1], readings=sys.argv[2], n=4)
    print(readings[["reader", "described"]].to_csv(index=False))
    print(await asyncio.sleep(0, "The loop goes on."))

asyncio.new_event_loop().run_until_complete(cell())
"""


def test_the_function_returns_the_readings_when_a_notebook_is_interrupted(tmp_path: Path) -> None:
    folder = write_analysis(tmp_path / "analysis", make_pairs(4))
    kept = tmp_path / "kept.jsonl"
    command = [sys.executable, "-c", IN_A_NOTEBOOK, str(folder), str(kept)]
    # A background job of a shell hands an ignored SIGINT on to its children.
    restore = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=restore) as process:
        assert process.stdout
        told = list(iter(process.stdout.readline, "These addresses work on this machine, until Ctrl-C.\n"))
        marking = next(line.split()[-1] for line in told if line.startswith("For readers:"))
        with httpx.Client() as client:
            task = client.post(f"{marking}next", json={"reader": "anna"}).json()
            said = {"reader": "anna", "place": task["place"], "described": "Sad"}
            assert client.post(f"{marking}readings", json=said).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().split("\n") == ["reader,described", "anna,Sad", "", "The loop goes on.", ""]
    assert process.returncode == 0
