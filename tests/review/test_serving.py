"""The local server: who gets in, and what they get."""

import json
import shutil
import socket
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.report.analyses import Pair
from tests.review.conftest import StartServer, make_pairs, write_analysis

pytestmark = pytest.mark.slow

JSON = {"content-type": "application/json"}


def test_each_address_opens_its_own_pages_and_nothing_else(start_server: StartServer, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    Image.new("RGB", (400, 300), "red").save(corpus / "face.png")
    Image.new("RGB", (4, 4), "blue").save(tmp_path / "outside.png")
    named = [("a", "face.png"), ("b", "../outside.png"), ("c", str(tmp_path / "outside.png")), ("d", "/etc/passwd")]
    pairs = [Pair(item, media=media) for item, media in named]
    server = start_server(write_analysis(tmp_path / "analysis", pairs), "--corpus", str(corpus))
    root = server.cases.rsplit("/", 2)[0]
    with httpx.Client() as client:
        page = client.get(server.cases)
        assert "default-src" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-frame-options"] == "DENY"
        found = client.get(f"{server.cases}cases").json()
        assert [case["item_id"] for case in found["cases"]] == ["a", "b", "c", "d"]
        pictures = [client.get(f"{server.cases}pictures/{case['place']}") for case in found["cases"]]
        assert [picture.status_code for picture in pictures] == [200, 404, 404, 404]
        assert pictures[0].content[8:12] == b"WEBP"
        # Readers see nothing of what descan found, and nobody anything without a token.
        for path in ("cases", "cases.csv", "pictures/0"):
            assert client.get(f"{server.marking}{path}").status_code == 404
        for path in ("/", "/cases", "/x/", "/../etc/passwd", "/%2e%2e/", "/favicon.ico"):
            assert client.get(root + path).status_code == 404
        # Not under another name, which is how a web site could reach it.
        assert client.get(server.cases, headers={"host": "evil.example"}).status_code == 400
        assert client.post(f"{server.marking}next", json={"reader": "anna"}).json()["n"] == 4
    port = int(root.rpartition(":")[2])
    others = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), port)} - {"127.0.0.1", "::1"}
    for address in others:
        with pytest.raises(OSError, match=r"."), socket.create_connection((address, port), timeout=2):
            pass


def test_the_page_of_readers_says_nothing_of_models_gold_labels_or_verdicts(
    start_server: StartServer, tmp_path: Path
) -> None:
    pairs = [Pair("item-secret", "model-secret", gold="Sad", label="Fear", verdict="seeing_failure", text="A face.")]
    server = start_server(write_analysis(tmp_path / "analysis", pairs))
    with httpx.Client() as client:
        told = client.get(server.marking).text + client.post(f"{server.marking}next", json={"reader": "anna"}).text
    assert "A face." in told
    for secret in ("item-secret", "model-secret", "seeing_failure"):
        assert secret not in told


def test_hostile_requests_change_nothing(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(write_analysis(tmp_path / "analysis", make_pairs(8)))
    readings = f"{server.marking}readings"
    good = {"reader": "anna", "place": 0, "described": "Sad"}
    with httpx.Client() as client:
        for body in (b"", b"{", b"[]", b"[" * 50_000, b"null", b'"\xff"', b"x" * 100_000):
            answer = client.post(readings, content=body, headers={"content-type": "application/json"})
            assert (answer.status_code, answer.json()["problem"]) == (
                400,
                "this is not what the page of a reader sends",
            )
        # A form on another site can send text, but no JSON by its header.
        assert (
            client.post(readings, content=b'{"reader": "anna"}', headers={"content-type": "text/plain"}).status_code
            == 400
        )
        assert client.get(readings).status_code == 405
        for change in ({"place": 99}, {"place": "0"}, {"described": "Joy"}, {"reader": ""}, {"path": "/etc/passwd"}):
            assert client.post(readings, json=good | change).status_code == 400
        assert not server.readings.exists()
        note = "\ud800 \u202e </script> \u2028 \x00"
        assert client.post(readings, content=json.dumps(good | {"note": note}), headers=JSON).status_code == 200
        assert client.get(f"{server.marking}progress").json()["half_width"] is None
        size = client.get(f"{server.cases}cases?start=-1&size=99999999999999&gold=%00").json()
    assert size == {"n": 0, "cases": []}
    [kept] = server.read()
    assert (kept["described"], "</script>" in str(kept["note"])) == ("Sad", True)


def test_a_reading_that_cannot_be_written_is_told_and_asked_again(start_server: StartServer, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "readings.jsonl"
    server = start_server(write_analysis(tmp_path / "analysis", make_pairs(8)), "--readings", str(path))
    with httpx.Client() as client:
        task = client.post(f"{server.marking}next", json={"reader": "anna"}).json()
        shutil.move(folder, tmp_path / "away")
        said = {"reader": "anna", "place": task["place"], "described": "Sad"}
        answer = client.post(f"{server.marking}readings", json=said)
        assert answer.status_code == 507
        assert answer.json()["problem"].startswith("The reading is not saved: ")
        shutil.move(tmp_path / "away", folder)
        assert client.post(f"{server.marking}next", json={"reader": "anna"}).json()["place"] == task["place"]
        assert client.post(f"{server.marking}readings", json=said).json()["n_read"] == 1
