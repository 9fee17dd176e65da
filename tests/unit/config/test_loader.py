"""Files that are right, missing, or wrong in every way: Arvis always gets valid settings and says what was wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config import schema
from config.loader import Loaded, load
from config.schema import Key
from config.settings import Settings

IGNORED = "; it is ignored."
CAREFUL = {"tts.cache_mb": 0, "network.offline": True, "security.role": "guest", "security.lock_minutes": 5.0}
ALL_DEFAULTS = (
    "; every setting has its default, but to be on the safe side tts.cache_mb is 0, network.offline is true, "
    'security.role is "guest", security.lock_minutes is 5.0.'
)


def loaded(tmp_path: Path, text: str | bytes, environ: dict[str, str] | None = None) -> Loaded:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, environ or {})


def only_problem(found: Loaded) -> str:
    (problem,) = found.problems
    return str(problem).removeprefix(str(found.path))


def test_a_missing_file_means_defaults(tmp_path: Path) -> None:
    found = load(tmp_path / "none.toml", {})
    assert found.settings == Settings()
    assert found.problems == ()
    assert set(found.sources.values()) == {"default"}
    assert found.path == tmp_path / "none.toml"


def test_the_users_own_file_is_read_without_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("[llm]\nthreads = 3\n")
    found = load()
    assert found.path == tmp_path / "config.toml"
    assert found.settings.llm.threads == 3


def test_values_of_the_file_win_over_defaults(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\nthreads = 4\ntemperature = 1\n[tts]\nfallback = []\n[reply]\nread_aloud = false\n")
    assert found.problems == ()
    assert found.settings == Settings.of(
        {"llm.threads": 4, "llm.temperature": 1.0, "tts.fallback": (), "reply.read_aloud": False}
    )
    assert type(found.settings.llm.temperature) is float
    assert found.sources["llm.threads"] == "file"
    assert found.sources["llm.model"] == "default"


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\r\nthreads = 4\r\n".encode("utf-8-sig"))
    assert (found.settings.llm.threads, found.problems) == (4, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[llm]\n\nthreads = 99",
            ", line 3: llm.threads is 99, but must be a whole number from 1 to 32; the default, 2, is used.",
        ),
        (
            '[llm]\nthreads = "two"',
            ', line 2: llm.threads is "two", but must be a whole number from 1 to 32; the default, 2, is used.',
        ),
        (
            "llm.threads = true",
            ", line 1: llm.threads is true, but must be a whole number from 1 to 32; the default, 2, is used.",
        ),
        (
            "[llm]\ntemperature = nan",
            ", line 2: llm.temperature is nan, but must be a number from 0 to 2; the default, 0.0, is used.",
        ),
        (
            '[talk]\nmode = "push"',
            ', line 2: talk.mode is "push", but must be one of hold, toggle; the default, "hold", is used.',
        ),
        (
            'stt = { language = "English" }',
            ', line 1: stt.language is "English", but must be "auto" or a language code such as "en"; '
            'the default, "auto", is used.',
        ),
        (
            '[tts]\nfallback = ["piper", "piper"]',
            ', line 2: tts.fallback is ["piper", "piper"], but must be a list of different names out of hibari, piper, '
            'espeak-ng; the default, ["piper", "espeak-ng"], is used.',
        ),
        (
            "[audio]\ninput_device = 1979-05-27",
            ', line 2: audio.input_device is "1979-05-27", but must be text in quotes; the default, "", is used.',
        ),
        (
            "[talk]\ndebounce_seconds = 0.2",
            ", line 2: talk.debounce_seconds is 0.2, but must be 0, or a number from 0.4 to 1.2; "
            "the default, 0.0, is used.",
        ),
        (
            '[talk]\nlistening = "always"',
            ', line 2: talk.listening is "always", but must be one of push-to-talk, hands-free, wake-word; '
            'the default, "push-to-talk", is used.',
        ),
        (
            "[audio]\necho_cancellation = true",
            ", line 2: audio.echo_cancellation is true, but must be one of auto, on, off; "
            'the default, "auto", is used.',
        ),
        (
            "[reply]\nread_aloud = 1",
            ", line 2: reply.read_aloud is 1, but must be true or false; the default, true, is used.",
        ),
        ("[llm]\nthread = 3", f", line 2: there is no setting llm.thread; did you mean llm.threads{IGNORED}"),
        (
            "[stt]\nmax_tokens = 9",
            f", line 2: there is no setting stt.max_tokens; did you mean llm.max_tokens{IGNORED}",
        ),
        (
            "[llm]\nzzz = 3",
            f", line 2: there is no setting llm.zzz; see `arvis config show` for those there are{IGNORED}",
        ),
        ("[lllm]\nthreads = 3", f", line 1: there is no section [lllm]; did you mean [llm]{IGNORED}"),
        (
            "\n[zzz]",
            ", line 2: there is no section [zzz]; there are audio, talk, wake, stt, vad, endpoint, llm, tts, reply, "
            "fallback, network, ui, notifications, history, security, health, logging, metrics, tracing, flags; "
            "it is ignored.",
        ),
        (
            "threads = 3",
            f", line 1: there is no setting threads outside of a section; it belongs below [stt] or [llm]{IGNORED}",
        ),
        (
            "llm = 3",
            f", line 1: llm is a section; write [llm] on a line of its own and its keys below{IGNORED}",
        ),
        (
            '"llm.threads" = 3',
            f", line 1: there is no setting llm.threads outside of a section; did you mean llm.threads{IGNORED}",
        ),
    ],
)
def test_a_wrong_key_is_told_with_its_line_and_the_default_is_used(tmp_path: Path, text: str, problem: str) -> None:
    found = loaded(tmp_path, text)
    assert only_problem(found) == problem
    assert found.settings == Settings()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ('[llm]\napi_key = "hunter22"', "ARVIS_LLM_API_KEY"),
        ('[llm]\npassword = "hunter22"', "ARVIS_LLM_API_KEY"),
        ('[metrics]\ntoken = "hunter22"', "ARVIS_METRICS_TOKEN"),
        ('api_key = "hunter22"', "arvis config secret set llm.api_key"),
        ('[tts]\nsecret = "hunter22"', "arvis config secret list"),
        ('[llm]\nbase_url = "http://me:hunter22@host/v1"', "without a password"),
        ('[llm]\nbase_url = "ftp://host/?api_key=hunter22"', "without a password"),
        ('[llm]\nengine = "sk-hunter22hunter22hunter22"', "one of llama-cpp, openai"),
        ('[llm]\nengine = { api_key = "hunter22" }', "is a table"),
        ('[tts]\nfallback = ["Bearer hunter22"]', "something that looks like a secret"),
        ('[tts]\nfallback = [["hunter22"]]', "a list of tables or lists"),
        ('[tts]\nvoice = ["hunter22"]', "tts.voice is a list, but must be text in quotes"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str, advice: str) -> None:
    problem = only_problem(loaded(tmp_path, text))
    assert advice in problem
    assert "hunter22" not in problem


def test_a_path_that_cannot_be_printed_is_told_all_the_same(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\n.toml"))
    path.write_text("[llm")
    assert str(load(path, {}).problems[0]).startswith(f"{tmp_path}/\\udcff\\n.toml, line 1: the file is not valid TOML")


def test_what_cannot_be_seen_is_written_as_an_escape(tmp_path: Path) -> None:
    found = loaded(tmp_path, '[llm]\nengine = "\\u009b2J\\u202e"\n"a\\nb\\u001b" = 1')
    assert [problem.wrong for problem in found.problems] == [
        'llm.engine is "\\x9b2J\\u202e", but must be one of llama-cpp, openai',
        "there is no setting llm.a\\nb\\x1b",
    ]
    assert found.problems[1].key == "llm.a\\nb\\x1b"


def test_a_long_wrong_value_is_shortened(tmp_path: Path) -> None:
    problem = only_problem(loaded(tmp_path, f'[llm]\nengine = "{"x" * 500}"'))
    assert "xxx…, but must be one of llama-cpp, openai" in problem
    assert len(problem) < 200


def test_good_keys_beside_bad_ones_are_kept(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\nthreads = 99\nmax_tokens = 50\n[vad]\nthreshold = 7\n")
    assert [(problem.line, problem.key) for problem in found.problems] == [(2, "llm.threads"), (5, "vad.threshold")]
    assert found.settings == Settings.of({"llm.max_tokens": 50})
    assert found.sources["llm.threads"] == "default"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[llm]\nthreads = = 3",
            f", line 2: the file is not valid TOML (Invalid value){ALL_DEFAULTS}",
        ),
        (
            "[llm]\nthreads = 3\nthreads = 4\n",
            f", line 3: the file is not valid TOML (Cannot overwrite a value){ALL_DEFAULTS}",
        ),
        (
            '[llm]\nmodel = "x',
            f", line 2: the file is not valid TOML (Unterminated string (at end of document)){ALL_DEFAULTS}",
        ),
        (b"[llm]\nmodel = '\xff'", f", line 2: the file is not UTF-8 text{ALL_DEFAULTS}"),
    ],
)
def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str | bytes, problem: str) -> None:
    found = loaded(tmp_path, text)
    assert only_problem(found) == problem
    assert found.settings == Settings.of(CAREFUL)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a = " + "[" * 50_000, 1, "the file is not valid TOML (it is nested too deeply)"),
        ("a = " + "9" * 5000, 1, "the file is not valid TOML (it has a number of too many digits)"),
        ("\n" + "a." * 50_000 + "a = 1", 2, "it has a line with more than 1000 dots"),
    ],
)
def test_a_file_beyond_the_limits_of_the_parser_is_told(tmp_path: Path, text: str, line: int, reason: str) -> None:
    assert only_problem(loaded(tmp_path, text)) == f", line {line}: {reason}{ALL_DEFAULTS}"


def test_a_file_that_is_too_large_is_told(tmp_path: Path) -> None:
    assert only_problem(loaded(tmp_path, "#" * 300_000)) == f": the file is larger than 256 KB{ALL_DEFAULTS}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_the_file_does_not_keep_anybody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    assert only_problem(load(tmp_path / "config.toml", {})) == f": it is not a file{ALL_DEFAULTS}"


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(path)
    told = str(load(path, {}).problems[0])
    assert told == f"{path}: the file cannot be read (Too many levels of symbolic links){ALL_DEFAULTS}"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="this system has no file that opens and cannot be read")
def test_a_file_that_cannot_be_read_is_told() -> None:
    told = str(load(Path("/proc/self/mem"), {}).problems[0])
    assert told == f"/proc/self/mem: the file cannot be read (Input/output error){ALL_DEFAULTS}"


def test_a_path_that_no_file_can_have_is_told() -> None:
    assert str(load(Path("a\0b"), {}).problems[0]).endswith(f": the file cannot have this name{ALL_DEFAULTS}")


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    found = load(tmp_path, {})
    assert only_problem(found) == f": it is not a file{ALL_DEFAULTS}"


def test_an_earlier_name_still_counts_and_is_told(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[talk]\ndebounce = 0.6")
    assert found.settings.talk.debounce_seconds == 0.6
    assert only_problem(found) == (
        ", line 2: talk.debounce is now called talk.debounce_seconds; `arvis config migrate` renames it; "
        "its value is used."
    )
    assert found.problems[0].harmless


@pytest.mark.parametrize("names", [("debounce", "debounce_seconds"), ("debounce_seconds", "debounce")])
def test_of_an_earlier_and_the_present_name_the_present_one_counts(tmp_path: Path, names: tuple[str, str]) -> None:
    values = {"debounce": 0.5, "debounce_seconds": 0.7}
    found = loaded(tmp_path, "[talk]\n" + "".join(f"{name} = {values[name]}\n" for name in names))
    assert found.settings.talk.debounce_seconds == 0.7
    assert [problem.wrong for problem in found.problems] == [
        "talk.debounce is an earlier name of talk.debounce_seconds, which is there, too"
    ]


@pytest.mark.parametrize(("beside", "key"), [("", "f8"), ("talk = 3", "f8"), ('talk.hotkey = "f7"', "f7")])
def test_an_earlier_name_may_be_in_another_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: str, key: str
) -> None:
    spec = {**schema.keys()["talk.hotkey"].spec, "x-renamed-from": ["keys.talk"]}
    monkeypatch.setattr("config.findings.keys", lambda: {**schema.keys(), "talk.hotkey": Key("talk", "hotkey", spec)})
    assert loaded(tmp_path, f'{beside}\n[keys]\ntalk = "f8"').settings.talk.hotkey == key


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_up_to_the_present_one_is_fine(tmp_path: Path, version: int) -> None:
    found = loaded(tmp_path, f"version = {version}\n[llm]\nthreads = 4")
    assert (found.settings.llm.threads, found.problems) == (4, ())


def test_of_a_later_version_what_is_known_counts(tmp_path: Path) -> None:
    found = loaded(tmp_path, "version = 3\n[llm]\nthreads = 4")
    assert found.settings.llm.threads == 4
    assert only_problem(found) == (
        ", line 1: the file is of version 3, and this Arvis knows up to 2; a newer Arvis understands it; "
        "what this one does not know is ignored."
    )
    assert found.problems[0].harmless


@pytest.mark.parametrize("version", ["0", "true", '"2"', "1.0", "[2]"])
def test_a_version_that_is_none_is_told(tmp_path: Path, version: str) -> None:
    problem = only_problem(loaded(tmp_path, f"version = {version}"))
    assert problem.startswith(", line 1: version is ")
    assert problem.endswith(f", but must be a whole number from 1 to 2{IGNORED}")


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("[network]\noffline = 1", "network.offline", True),
        ("[security]\nrole = 'gest'", "security.role", "guest"),
        ("[security]\nlock_minutes = '10'", "security.lock_minutes", 5.0),
        ("[tts]\ncache_mb = '0'", "tts.cache_mb", 0),
    ],
)
def test_what_was_to_allow_less_does_not_allow_more_by_a_slip(
    tmp_path: Path, text: str, path: str, value: object
) -> None:
    found = loaded(tmp_path, text)
    assert found.settings == Settings.of({path: value})
    assert found.sources[path] == "file"
    assert only_problem(found).endswith(" is used, to be on the safe side.")


def test_many_unknown_names_are_told_in_short(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\n" + "".join(f"x{number} = 1\n" for number in range(20_000)) + "threads = 4")
    assert found.settings.llm.threads == 4
    assert len(found.problems) == 21
    assert str(found.problems[-1]).endswith(": there are 19980 more names that mean nothing; they are ignored.")


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\nthread = 1\nthreads = 0\n[talk]\ndebounce = 0.5\n[zzz]")
    assert [problem.line for problem in found.problems] == [2, 3, 5, 6]


def test_one_bad_half_of_a_pair_takes_the_other_with_it(tmp_path: Path) -> None:
    found = loaded(tmp_path, '[notifications]\nquiet_from = "22:00"')
    assert found.settings == Settings()
    assert found.sources["notifications.quiet_from"] == "default"
    assert only_problem(found) == (
        ", line 2: notifications.quiet_from is set without notifications.quiet_to; quiet hours have a beginning and an "
        "end; there are no quiet hours."
    )
