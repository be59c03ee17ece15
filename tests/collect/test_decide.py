"""Mode `decide`: questions about actions and categories, asked in three ways, come back as probabilities."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.collect.providers.decisions import (
    ActionQuestion,
    Decide,
    Questions,
    Token,
    Way,
    read_stated,
    read_tokens,
    word_decided,
)
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, FaultScope
from descan.collect.questions.capabilities import check_modes, choose_way
from descan.collect.questions.prompts import load_prompts
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.errors import InputError, OptionError
from descan.lexicon import action_keys, load_category_set, load_lexicon
from descan.records import Mode, Status
from tests.collect.collectors import LISTED, read_lines
from tests.collect.conftest import Collect
from tests.collect.provider_cases import ask, fault_of, part_of, picture
from tests.vlm_server import FaultRule, Generated, ModelRequest, Script, VlmServer
from tests.vlm_server.decisions import decide, find_asked

BASIC7 = load_category_set()
EMOTIONS = {"Anger": 0.1, "Disgust": 0.0, "Fear": 0.1, "Happy": 0.6, "Neutral": 0.2, "Sad": 0.0, "Surprise": 0.0}
ASKED = load_prompts([Mode.DECIDE], {}, BASIC7)[Mode.DECIDE].questions
assert ASKED is not None
ACTIONS = {question.name: round(0.01 * place, 2) for place, question in enumerate(ASKED.actions, start=1)}

LUNA = ModelSettings(provider="openai", model="gpt-6-luna", timeout_s=5, list_price=True)
GPT_4O = ModelSettings(provider="openai", model="gpt-4o-2024-11-20", timeout_s=5, list_price=True)
GEMINI = ModelSettings(provider="gemini", model="gemini-3.8-flash", timeout_s=5, list_price=True)
DECISION = ModelSettings(provider="gemini", model="gemini-decision-1", timeout_s=5, list_price=True)
RESPONSES = LUNA.model_copy(update={"api": "responses", "decide_way": Way.SCHEMA})

WAYS = [
    (LUNA, Way.DECISIONS, "decisions"),
    (DECISION, Way.DECISIONS, "gemini_decisions"),
    (GPT_4O, Way.LOGPROBS, "chat"),
    (GPT_4O.model_copy(update={"decide_way": Way.SCHEMA}), Way.SCHEMA, "chat"),
    (RESPONSES, Way.SCHEMA, "responses"),
    (GEMINI, Way.SCHEMA, "gemini"),
]


def question_of(settings: ModelSettings) -> Call:
    assert ASKED is not None
    asked = Decide(ASKED, choose_way(settings))
    return Call(asked.message, (picture(),), asked)


def test_each_action_of_the_inventory_is_asked_about_once() -> None:
    assert ASKED is not None
    assert sorted(question.key for question in ASKED.actions) == sorted(action_keys(load_lexicon("en")))
    assert all(question.text.endswith("?") for question in ASKED.actions)
    assert len({question.name for question in ASKED.actions}) == len(ASKED.actions)


@pytest.mark.parametrize(("settings", "way", "protocol"), WAYS)
def test_a_model_is_asked_in_the_best_way_that_it_has_by_a_request_that_its_provider_takes(
    settings: ModelSettings, way: Way, protocol: str
) -> None:
    seen: list[ModelRequest] = []

    def answer(request: ModelRequest) -> Generated:
        seen.append(request)
        return decide(request, EMOTIONS, ACTIONS)

    assert choose_way(settings) is way
    with VlmServer(Script(answer)) as server:
        reply = ask(server, settings, question_of(settings))
        assert server.violations == []
    [request] = seen
    assert request.protocol == protocol
    assert reply.status is Status.OK
    decided = json.loads(reply.text)
    assert decided["emotions"] == pytest.approx(EMOTIONS, abs=1e-6)
    assert decided["actions"]["1+2"] == pytest.approx(ACTIONS["au_1_2"], abs=1e-6)
    assert decided["actions"]["eyes_tear"] == pytest.approx(ACTIONS["eyes_tear"], abs=1e-6)
    assert len(decided["actions"]) == len(ACTIONS)
    assert reply.input_tokens
    assert reply.detail == ""


def test_a_refused_question_is_null_and_named_and_the_others_count() -> None:
    actions: dict[str, float | None] = {**ACTIONS, "au_4": None}
    with VlmServer(Script(lambda request: decide(request, EMOTIONS, actions))) as server:
        reply = ask(server, LUNA, question_of(LUNA))
    decided = json.loads(reply.text)
    assert (decided["actions"]["4"], decided["actions"]["5"]) == (None, ACTIONS["au_5"])
    assert (reply.status, reply.detail) == (Status.OK, "refused: au_4")


def test_an_answer_that_gemini_does_not_give_is_null_and_named() -> None:
    actions: dict[str, float | None] = {**ACTIONS, "au_4": None}
    with VlmServer(Script(lambda request: decide(request, EMOTIONS, actions))) as server:
        reply = ask(server, DECISION, question_of(DECISION))
    assert json.loads(reply.text)["actions"]["4"] is None
    assert reply.detail == "no answer: au_4"


def test_a_model_that_refuses_every_question_has_refused() -> None:
    with VlmServer(Script(lambda request: decide(request, {}, {}))) as server:
        reply = ask(server, LUNA, question_of(LUNA))
    assert (reply.status, reply.text, reply.detail) == (Status.REFUSED, "", "every question was refused")


def test_a_blocked_picture_is_blocked() -> None:
    with VlmServer(Script(lambda _: Generated(ending="prompt_block"))) as server:
        reply = ask(server, DECISION, question_of(DECISION))
    assert (reply.status, reply.detail) == (Status.BLOCKED, "prompt blocked: safety; Not this picture.")


@pytest.mark.parametrize("settings", [LUNA, DECISION])
def test_faults_of_decisions_are_those_of_every_request(settings: ModelSettings) -> None:
    with VlmServer(Script(faults=(FaultRule("html_body"),))) as server:
        assert fault_of(server, settings, question_of(settings)).code == "html_body"
    with VlmServer(Script(faults=(FaultRule("429"),))) as server:
        assert fault_of(server, settings, question_of(settings)).scope is FaultScope.ATTEMPT


def test_a_reply_that_is_not_the_json_that_was_asked_for_is_stored_as_it_is() -> None:
    with VlmServer(Script(lambda _: Generated("She looks happy."))) as server:
        reply = ask(server, GEMINI, question_of(GEMINI))
    assert (reply.status, reply.text) == (Status.OK, "She looks happy.")


def test_a_refusal_in_words_is_a_refusal() -> None:
    settings = GPT_4O.model_copy(update={"decide_way": Way.SCHEMA})
    with VlmServer(Script(lambda _: Generated("I cannot help with that.", "refusal"))) as server:
        reply = ask(server, settings, question_of(settings))
    assert (reply.status, reply.detail) == (Status.REFUSED, "I cannot help with that.")


def test_a_clip_goes_to_gemini_as_it_is_with_frames_that_are_not_the_models_choice() -> None:
    seen: list[ModelRequest] = []

    def answer(request: ModelRequest) -> Generated:
        seen.append(request)
        return decide(request, EMOTIONS, ACTIONS)

    settings = DECISION.model_copy(update={"fps": 2.0, "clips": "whole", "system": "Be exact."})
    asked = question_of(settings)
    with VlmServer(Script(answer)) as server:
        ask(server, settings, Call(asked.prompt, (part_of(b"a clip", "video/mp4"),), asked.decide))
        assert server.violations == []
    system, clip, _ = seen[0].body["input"]
    assert system == {"type": "text", "text": "Be exact."}
    assert (clip["type"], clip["processing"]) == ("video", {"type": "static", "fps": 2.0})


TWO = Questions(
    "Who?", "Which?", ("Happy", "Sad", "Surprise"), (ActionQuestion("4", "a?"), ActionQuestion("x", "b?")), "", ""
)


def test_stated_probabilities_are_read_out_of_a_fence_and_by_units_and_what_is_none_is_null() -> None:
    text = '```json\n{"emotions": {"Happy": 1, "Sad": 40}, "actions": {"4": 0.25, "x": "high"}}\n```'
    decided = json.loads(read_stated(text, TWO) or "")
    assert decided == {
        "emotions": {"Happy": 1.0, "Sad": None, "Surprise": None},
        "actions": {"4": 0.25, "x": None},
        "way": "schema",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "{",
        "[1]",
        '{"emotions": 1, "actions": {}}',
        '{"emotions": {"Happy": true}, "actions": {}}',
        "{" * 10_000 + "}" * 10_000,
    ],
)
def test_a_text_without_probabilities_is_not_read(text: str) -> None:
    assert read_stated(text, TWO) is None


def test_a_words_probability_is_its_tokens_among_those_that_begin_an_allowed_word() -> None:
    # exp(-0.7) = 0.497, exp(-1.2) = 0.301, exp(-1.6) = 0.202; "S" begins two words, and "Angry" none.
    tokens = [
        Token('{"emotion":', 0.0, ()),
        Token(' "H', -0.7, ((' "H', -0.7), (' "S', -1.2), (' "Sad', -1.6), (' "Angry', -2.0), ('"Sad', -2.0))),
        Token("appy", 0.0, ()),
        Token('","actions":{"au_4":"', 0.0, ()),
        Token("no", -0.1, (("no", -0.1), ("yes", -2.4), ("ye", -5.0))),
        Token('"}}', 0.0, ()),
    ]
    decided = json.loads(read_tokens(tokens, TWO) or "")
    # Happy .497 / (.497 + .202) = .711; yes (.0907 + .0067) / (.0974 + .905) = .0972.
    assert decided["emotions"] == pytest.approx({"Happy": 0.711, "Sad": 0.289, "Surprise": 0.0}, abs=1e-3)
    assert decided["actions"] == {"4": pytest.approx(0.0972, abs=1e-4), "x": None}


def test_a_first_token_of_several_words_counts_for_the_chosen_one() -> None:
    tokens = [Token('{"emotion":"', 0.0, ()), Token("S", -0.1, (("Happy", -2.4),)), Token('ad","actions":{}}', 0.0, ())]
    decided = json.loads(read_tokens(tokens, TWO) or "")
    assert decided["emotions"]["Sad"] == pytest.approx(0.909, abs=1e-3)
    assert decided["emotions"]["Surprise"] == 0.0


def test_an_answer_without_probabilities_of_tokens_is_not_read() -> None:
    assert read_tokens([], TWO) is None
    assert word_decided(TWO, {}, {}, Way.SCHEMA).startswith('{"emotions": {"Happy": null')


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        (LUNA.model_copy(update={"list_price": None, "base_url": "http://127.0.0.1:1/v1"}), Way.SCHEMA),
        (GPT_4O.model_copy(update={"api": "responses"}), Way.SCHEMA),
        (LUNA.model_copy(update={"model": "gpt-6.1-sol"}), Way.SCHEMA),
        (LUNA.model_copy(update={"decide_way": Way.SCHEMA}), Way.SCHEMA),
    ],
)
def test_where_nothing_better_is_known_a_schema_is_asked_for(settings: ModelSettings, way: Way) -> None:
    assert choose_way(settings) is way


@pytest.mark.parametrize(
    ("settings", "modes", "problem"),
    [
        (
            GPT_4O.model_copy(update={"decide_way": Way.DECISIONS}),
            [Mode.DECIDE],
            "settings decide_way 'decisions' of gpt-4o-2024-11-20 is not one of this model's (",
        ),
        (
            GEMINI.model_copy(update={"decide_way": Way.LOGPROBS}),
            [Mode.DECIDE],
            "settings decide_way 'logprobs' of gemini-3.8-flash needs OpenAI's Chat Completions, without a ",
        ),
        (
            DECISION,
            [Mode.DESCRIBE, Mode.DECIDE],
            "modes describe cannot be asked of gemini-decision-1, which answers decisions alone; use decide for it",
        ),
    ],
)
def test_what_a_model_cannot_be_asked_is_one_line(settings: ModelSettings, modes: list[Mode], problem: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_modes(settings, modes)
    assert str(caught.value).startswith(problem)


def test_a_prompt_of_ones_own_asks_about_some_actions_and_names_what_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "decide.md"
    path.write_text("Who?\n---\nWhich?\n---\n4: Frown?\nsmile9: Smile?\n---\nA\n---\nB\n")
    with pytest.raises(InputError, match=r"decide.md: action 'smile9' is unknown; use one of 1, 1\+2, 4, "):
        load_prompts([Mode.DECIDE], {"decide": path}, BASIC7)
    path.write_text("Who?\n---\nWhich?\n---\n4: Frown?\n4: Again?\n---\nA\n---\nB\n")
    with pytest.raises(InputError, match="'4: Again\\?' is asked about twice; write KEY: QUESTION, once for each"):
        load_prompts([Mode.DECIDE], {"decide": path}, BASIC7)
    path.write_text("Who?\n---\nWhich?")
    with pytest.raises(InputError, match="2 texts; mode decide takes five, with a line --- between them"):
        load_prompts([Mode.DECIDE], {"decide": path}, BASIC7)
    path.write_text("Who?\n---\nWhich?\n---\n4: Frown?\n---\nA\n---\nB\n")
    asked = load_prompts([Mode.DECIDE], {"decide": path}, BASIC7)[Mode.DECIDE].questions
    assert asked is not None
    assert [question.text for question in asked.actions] == ["Frown?"]


COMMAND = ("--model", "openai:gpt-6-luna", "--mode", "describe", "--mode", "decide", *LISTED)


def answers_of(folder: Path) -> list[dict[str, Any]]:
    return [line for line in read_lines(folder / "answers.jsonl") if line["mode"] == "decide"]


def test_a_run_stores_probabilities_with_the_way_and_asks_nothing_twice(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    with VlmServer() as server:
        assert collect(faces, "--out", out, *COMMAND, server=server).code == 0
        assert server.violations == []
        assert server.counts.n_paid == 2 * 14
        assert collect(faces, "--out", out, *COMMAND, server=server).code == 0
        assert server.counts.n_paid == 2 * 14
        other_way = ("--set", "decide_way=schema")
        assert collect(faces, "--out", out, *COMMAND, *other_way, server=server).code == 0
    answers = answers_of(out)
    assert {(answer["way"], "@" in answer["model"]) for answer in answers} == {("decisions", False), ("schema", True)}
    assert set(json.loads(answers[0]["text"])) == {"emotions", "actions", "way"}
    described = [line for line in read_lines(out / "answers.jsonl") if line["mode"] == "describe"]
    assert not any("way" in line for line in described)
    assert sum("copied_from" in line for line in described) == 14, "a description is the same whatever the way"
    assert any("Are the brows raised?" in path.read_text() for path in (out / "prompts").iterdir())


def test_the_plan_knows_what_decisions_use_and_no_price_where_there_is_none(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    models = ("--model", "gemini:gemini-decision-1", "--mode", "decide", *LISTED)
    outcome = collect(faces, "--out", tmp_path / "corpus", *models, "--dry-run")
    assert outcome.code == 0
    assert "unknown" in outcome.out + outcome.err


def test_batches_refuse_to_decide_in_one_line(collect: Collect, faces: Path, tmp_path: Path) -> None:
    outcome = collect(faces, "--out", tmp_path / "corpus", *COMMAND, "--batch")
    assert outcome.code != 0
    assert "--batch is not for decide, which is asked online; collect that mode without batches" in outcome.err


def test_a_check_asks_a_model_that_only_decides_a_decision(collect: Collect) -> None:
    with VlmServer() as server:
        outcome = collect("--check", "--model", "gemini:gemini-decision-1", server=server)
        assert server.violations == []
    assert outcome.code == 0, outcome.out + outcome.err


def test_what_is_collected_is_analyzed_up_to_the_page(collect: Collect, faces: Path, tmp_path: Path) -> None:
    def answer(request: ModelRequest) -> str | Generated:
        if find_asked(request) is None:
            return "She smiles broadly."
        return decide(request, EMOTIONS, {**ACTIONS, "au_12": 0.2, "au_4": 0.9})

    models = ("--model", "openai:gpt-6-luna", "--model", "gemini:gemini-3.8-flash")
    with VlmServer(Script(answer)) as server:
        asked = ("--mode", "describe", "--mode", "decide", *LISTED)
        assert collect(faces, "--out", tmp_path / "corpus", *models, *asked, server=server).code == 0
        assert server.violations == []
    options = AnalyzeOptions(embedder="none", compare=CompareOptions(label_mode=Mode.DECIDE))
    analysis = analyze(read_corpus(tmp_path / "corpus"), tmp_path / "out", options)
    decided = pq.read_table(tmp_path / "out" / "decided.parquet").to_pylist()
    assert {(row["model"], row["way"]) for row in decided} == {
        ("gpt-6-luna", "decisions"),
        ("gemini-3.8-flash", "schema"),
    }
    with (tmp_path / "out" / "tables" / "said_or_seen.csv").open(newline="") as file:
        rows = {(row["model"], row["action"]): row for row in csv.DictReader(file)}
    for model in ("gpt-6-luna", "gemini-3.8-flash"):
        assert rows[model, "smile"]["n_said_not_seen"] == "14"
        assert rows[model, "brow_lower"]["n_seen_not_said"] == "14"
    labels = pq.read_table(tmp_path / "out" / "labels.parquet").to_pylist()
    assert {label["label"] for label in labels} == {"Happy"}
    assert (analysis.folder / "report.html").stat().st_size > 0
