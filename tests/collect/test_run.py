"""What a run is, from a file, from options, and from both."""

import math
import os
from pathlib import Path
from typing import Any

import pytest

from descan.cli.options import parse_pairs
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.run_settings import RunSettings, find_run_file, load_run_settings, write_run_settings
from descan.errors import InputError
from descan.records import Mode
from tests.collect.conftest import Collect

SOUND: dict[str, Any] = {"source": Path("faces"), "out": Path("corpus"), "models": ["openai:gpt-4o", "gemini:flash"]}

# Options beside or in place of the sound ones, --set, and the message.
BAD: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "a limit of nothing": ({"limit": 0}, [], "limit must be greater than or equal to 1, not 0"),
    "a negative bound": ({"max_cost": -1.0}, [], "max_cost must be greater than 0, not -1.0"),
    "an unknown mode": (
        {"modes": ["guess"]},
        [],
        "modes must be 'describe', 'classify', 'classify6', 'two_stage' or 'decide', not 'guess'",
    ),
    "a mode given twice": ({"modes": ["describe", "describe"]}, [], "a mode occurs twice; name each once"),
    "a prompt of an unknown mode": (
        {"prompts": {"guess": Path("x")}},
        [],
        "prompts 'guess' is not allowed; use MODE or MODE:NAME, with a mode of describe, ",
    ),
    "a model without provider": (
        {"models": ["gpt-4o"]},
        [],
        "models must be PROVIDER:NAME, as in openai:gpt-4o, not 'gpt-4o'",
    ),
    "an unknown provider": (
        {"models": ["acme:m"]},
        [],
        "models must be 'gemini' or 'openai', not 'acme'",
    ),
    "a model given twice": (
        {"models": ["openai:a", "openai:a"]},
        [],
        "model 'a' occurs twice; give each a name of its own",
    ),
    "no model": ({"models": []}, [], "models must have at least 1 item"),
    "a setting out of range": (
        {},
        ["temperature=3"],
        "settings temperature=3: must be less than or equal to 2, not 3",
    ),
    "an unknown setting": (
        {},
        ["warmth=1"],
        "settings 'warmth=1': key 'warmth' is unknown; use one of provider, model,",
    ),
    "a setting of another model": (
        {},
        ["llama.seed=1"],
        "settings 'llama.seed=1': model 'llama' is not in the run; use gpt-4o, flash",
    ),
    "a setting without a value": ({}, ["seed"], "settings must be KEY=VALUE or MODEL.KEY=VALUE, not 'seed'"),
    "a password in a base URL": (
        {},
        ["base_url=http://me:secret@host/v1"],
        "base_url of 'gpt-4o' holds a password; keys come from the environment",
    ),
    "a number beyond 64 bits": (
        {},
        [f"seed={2**63}"],
        f"settings seed={2**63}: must be less than {2**63}",
    ),
    "an address that is none": (
        {},
        ["base_url=http://[::1"],
        "base_url 'http://[::1' is not a URL: Invalid IPv6 URL",
    ),
    "an address without http": (
        {},
        ["base_url=localhost:8000/v1"],
        "base_url 'localhost:8000/v1' of 'gpt-4o' must begin with http:// or https:// and name a server",
    ),
    "an address without a server": (
        {},
        ["base_url=http:///v1"],
        "base_url 'http:///v1' of 'gpt-4o' must begin with http:// or https:// and name a server",
    ),
    "half of a price": ({}, ["price_in=1"], "models 'gpt-4o' has incomplete prices; give price_in and price_out"),
    "an endless price": (
        {},
        ["price_in=inf", "price_out=1"],
        "settings price_in=inf: must be a finite number, not inf",
    ),
    "an endless time": ({}, ["timeout_s=inf"], "settings timeout_s=inf: must be a finite number, not inf"),
    "a number that is none": ({}, ["fps=nan"], "settings fps=nan: must be a finite number, not nan"),
    "an endless bound": ({"max_cost": math.inf}, [], "max_cost must be a finite number, not inf"),
    "a value nested without end": (
        {},
        ["temperature=" + "[" * 5_000],
        "settings temperature=",
    ),
    "a name with a control character": (
        {},
        ['gpt-4o.name="a\\u001bb"'],
        r"model name 'a\x1bb' cannot be printed; use printable text",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_option_is_one_line_that_names_it(name: str) -> None:
    options, sets, message = BAD[name]
    with pytest.raises(InputError) as error:
        load_run_settings(None, SOUND | options, sets)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("source", "source is missing; give it, or a run file with it"),
        ("out", "out is missing; give it, or a run file with it"),
        ("models", "models is missing; give it, or a run file with it"),
    ],
)
def test_what_a_run_cannot_do_without_is_named(missing: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_run_settings(None, {name: value for name, value in SOUND.items() if name != missing})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('colour = "red"\n', "key 'colour' is unknown; use one of source, out, name,"),
        ("repeats = 0\n", "key repeats: must be greater than or equal to 1, not 0"),
        (
            '[[models]]\nprovider = "openai"\nmodel = "m"\nwarmth = 1\n',
            "key 'warmth' is unknown; use one of provider, model,",
        ),
        (
            '[[models]]\nprovider = "openai"\nmodel = "m"\ntemperature = "hot"\n',
            "key models.0.temperature: must be a valid number",
        ),
        ("repeats = \n", "not TOML: "),
        ("limit = " + "[" * 5_000, "not TOML: nested too deeply"),
        ("limit = " + "9" * 5_000, "not TOML: a number is too long"),
        ("\udcff", "not UTF-8; UTF-8 is expected"),
    ],
)
def test_a_bad_key_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.toml"
    models = "" if "models" in text else '[[models]]\nprovider = "openai"\nmodel = "m"\n'
    path.write_bytes(f'source = "s"\nout = "o"\n{text}{models}'.encode(errors="surrogateescape"))
    with pytest.raises(InputError) as error:
        load_run_settings(path, {})
    assert str(error.value).startswith(f"{path}: {message}")


def test_paths_in_a_file_are_relative_to_it_and_options_come_first(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(
        'source = "faces"\nout = "corpus"\nlimit = 7\nmodes = ["describe"]\n'
        '[prompts]\ndescribe = "ask.md"\n[[models]]\nprovider = "gemini"\nmodel = "flash"\nname = "f"\n'
    )
    run = load_run_settings(tmp_path / "run.toml", {"limit": 3, "out": Path("elsewhere")}, ["f.seed=1"])
    assert run.source == (tmp_path / "faces").resolve()
    assert run.prompts == {Mode.DESCRIBE: (tmp_path / "ask.md").resolve()}
    assert (run.out, run.limit, run.models[0].seed) == (Path("elsewhere"), 3, 1)


def test_settings_are_numbers_words_or_lists_for_all_models_or_for_one() -> None:
    sets = ["temperature=0.5", "flash.thinking=low", "gemini:flash.max_tokens=9", "gpt-4o.allow_served=gpt-5"]
    gpt, flash = load_run_settings(None, SOUND, sets).models
    assert (gpt.temperature, flash.temperature) == (0.5, 0.5)
    assert (gpt.thinking, flash.thinking, flash.max_tokens) == (None, "low", 9)
    assert gpt.allow_served == ("gpt-5",)


def test_a_run_is_kept_in_its_corpus_and_goes_on_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus").mkdir()
    monkeypatch.chdir(tmp_path)
    options = SOUND | {"prompts": {"describe": Path("ask.md")}, "limit": 2, "per_class": True, "max_cost": 1.5}
    run = load_run_settings(None, options, ["flash.thinking=0"])
    write_run_settings(run)
    monkeypatch.chdir("/")
    again = load_run_settings(find_run_file(None, tmp_path / "corpus"), {})
    assert again == run.model_copy(
        update={
            "source": tmp_path.resolve() / "faces",
            "out": tmp_path.resolve() / "corpus",
            "prompts": {Mode.DESCRIBE: tmp_path.resolve() / "ask.md"},
        }
    )
    assert os.listdir(tmp_path / "corpus") == ["collect.toml"]  # noqa: PTH208


def test_there_must_be_a_run_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no collect.toml, so there is no run to continue; start one without"):
        find_run_file(None, tmp_path)
    with pytest.raises(InputError, match="resume needs the folder of the corpus, and no run file"):
        find_run_file(tmp_path / "run.toml", tmp_path)


@pytest.mark.parametrize("pair", ["describe", "=x", "describe="])
def test_a_pair_has_two_sides(pair: str) -> None:
    with pytest.raises(InputError, match=r"^--prompt '.*' is not allowed; use KEY=VALUE$"):
        parse_pairs("--prompt", [pair], Path)


def test_pace_and_patience_do_not_change_what_is_asked_but_parameters_do() -> None:
    def params(*sets: str) -> str:
        return load_run_settings(None, SOUND, sets).models[0].params_sha256(None)

    assert params() == params("concurrency=1", "timeout_s=9", "max_attempts=1", "requests_per_minute=5")
    assert len({params(), params("temperature=0"), params("seed=1"), params("max_side=100")}) == 4
    assert RunSettings.model_validate(SOUND | {"models": [{"provider": "openai", "model": "m"}]}).margin is None


def test_the_run_file_of_the_documentation_is_one_and_every_key_is_explained(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "collect.md").read_text()
    (tmp_path / "run.toml").write_text(page.split("```toml\n")[1].split("```")[0])
    run = load_run_settings(tmp_path / "run.toml", {})
    assert [model.label for model in run.models] == ["gemini-3.8-flash", "gpt-4o low"]
    keys = {*RunSettings.model_fields, *ModelSettings.model_fields} - {"provider", "model"}
    assert not [key for key in keys if f"`{key}`" not in page]


def test_an_option_that_is_not_allowed_is_told_in_the_words_of_its_user(collect: Collect, tmp_path: Path) -> None:
    arguments = (tmp_path, "--out", tmp_path / "corpus", "--model", "openai:gpt-4.1")
    unknown = collect(*arguments, "--name", "gpt-4=other")
    assert (unknown.code, unknown.err) == (1, "descan: --name model 'gpt-4' is not in the run; use gpt-4.1\n")
    blank = collect(*arguments, "--name", "gpt-4.1=\x1b")
    assert (blank.code, blank.err) == (1, "descan: model name '\\x1b' cannot be printed; use printable text\n")
    mode = collect(*arguments, "--mode", "clasify")
    assert mode.code == 2
    assert "Invalid value for '--mode': 'clasify' is not one of 'describe'" in mode.err
    none = collect(*arguments, "--concurrency", 0)
    assert (none.code, none.err) == (1, "descan: --set concurrency=0: must be greater than or equal to 1, not 0\n")
    both = collect("--check", "--status", tmp_path)
    assert both.code == 2
    assert "Invalid value for --status: cannot be used with --check; give one of the two" in both.err


def test_a_name_may_be_used_in_settings() -> None:
    names, sets = {"gpt-4o": "short.one"}, ["short.one.seed=1", "seed=2"]
    gpt, flash = load_run_settings(None, SOUND, sets, names).models
    assert (gpt.label, gpt.seed, flash.seed) == ("short.one", 1, 2)
