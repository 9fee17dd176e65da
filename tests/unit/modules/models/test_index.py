from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from modules.models.base import DownloadError
from modules.models.index import Wheel, choose, read_page
from modules.models.index_url import DEFAULT, index_url, pip_files, uv_files

URL = "https://index.example/simple/some-package/"
DIGEST = "a" * 64


def wheel(filename: str) -> Wheel:
    return Wheel(filename, f"https://index.example/{filename}", None, None)


def test_html_is_read_with_its_base_and_its_checksums() -> None:
    page = f"""<!DOCTYPE html><html><head><base href="https://files.example/root/"></head><body>
    <a name="x">no link</a>
    <a href="a-1.0-py3-none-any.whl#sha256={DIGEST}">a</a>
    <a href="/b%2B-1.0-py3-none-any.whl#sha256=short">b</a>
    <a href="https://elsewhere.example/c-1.0-py3-none-any.whl#md5=123">c</a>
    <a href="c-1.0.tar.gz#sha256={DIGEST}">source</a></body></html>"""
    assert read_page(page.encode(), URL, is_json=False) == [
        Wheel("a-1.0-py3-none-any.whl", "https://files.example/root/a-1.0-py3-none-any.whl", DIGEST, None),
        Wheel("b+-1.0-py3-none-any.whl", "https://files.example/b%2B-1.0-py3-none-any.whl", None, None),
        Wheel("c-1.0-py3-none-any.whl", "https://elsewhere.example/c-1.0-py3-none-any.whl", None, None),
    ]


def test_json_is_read_with_sizes() -> None:
    files = [
        {"filename": "a-1.0-py3-none-any.whl", "url": "../../a", "hashes": {"sha256": DIGEST}, "size": 12},
        {"filename": "a-1.1-py3-none-any.whl", "url": "https://x.example/a", "hashes": {"sha256": "../x"}},
        {"filename": "a-1.0.tar.gz", "url": "a.tar.gz", "hashes": {}},
    ]
    assert read_page(json.dumps({"files": files}).encode(), URL, is_json=True) == [
        Wheel("a-1.0-py3-none-any.whl", "https://index.example/a", DIGEST, 12),
        Wheel("a-1.1-py3-none-any.whl", "https://x.example/a", None, None),
    ]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"files": [[]]}', b"\xff"])
def test_what_is_no_page_is_refused(content: bytes) -> None:
    with pytest.raises(DownloadError):
        read_page(content, URL, is_json=True)


def test_the_release_is_chosen_and_a_wheel_for_any_machine_first() -> None:
    names = [
        "some_package-1.0-cp311-cp311-win_amd64.whl",
        "some_package-1.0-py3-none-any.whl",
        "some_package-2.0-py3-none-any.whl",
        "other-1.0-py3-none-any.whl",
        "nonsense.whl",
    ]
    found = choose([wheel(name) for name in names], "Some.Package", "1")
    assert found is not None
    assert found.filename == "some_package-1.0-py3-none-any.whl"
    assert choose([wheel(name) for name in names], "some-package", "3.0") is None


def test_without_a_wheel_for_this_machine_the_data_of_another_will_do() -> None:
    names = ["a-1.0-cp311-cp311-win_arm64.whl", "a-1.0-cp311-cp311-macosx_15_0_arm64.whl"]
    found = choose([wheel(name) for name in names], "a", "1.0")
    assert found is not None
    assert found.filename in names


def ask(environ: Mapping[str, str], pip: str | None, uv: str | None, folder: Path) -> str:
    for name, text in (("pip.conf", pip), ("uv.toml", uv)):
        if text is not None:
            (folder / name).write_text(text)
    return index_url(environ, [folder / "none", folder / "pip.conf"], [folder / "uv.toml"])


@pytest.mark.parametrize(
    ("environ", "pip", "uv", "expected"),
    [
        ({}, None, None, DEFAULT),
        ({"PIP_INDEX_URL": "https://a.example/simple"}, None, None, "https://a.example/simple"),
        ({"UV_DEFAULT_INDEX": "mine=https://b.example/?x=1"}, None, None, "https://b.example/?x=1"),
        ({"PIP_INDEX_URL": "file:///opt"}, "[global]\nindex-url = https://c.example/\n", None, "https://c.example/"),
        (
            {},
            "[global]\nindex_url = https://c.example/\n[install]\nindex-url = https://d.example/\n",
            None,
            "https://d.example/",
        ),
        ({}, "[global\nnonsense", 'index-url = "https://e.example/"', "https://e.example/"),
        ({}, None, '[[index]]\nurl = "https://f.example/"\ndefault = true\n', "https://f.example/"),
        ({}, None, '[[index]]\nurl = "https://f.example/"\n', DEFAULT),
        ({}, None, "index-url = 3\nindex = 4", DEFAULT),
        ({}, None, "nonsense", DEFAULT),
    ],
)
def test_the_index_of_pip_and_uv_is_taken(
    environ: dict[str, str], pip: str | None, uv: str | None, expected: str, tmp_path: Path
) -> None:
    assert ask(environ, pip, uv, tmp_path) == expected


@pytest.mark.parametrize(
    ("platform", "pip", "uv"),
    [
        ("linux", "/home/me/cfg/pip/pip.conf", "/home/me/cfg/uv/uv.toml"),
        ("darwin", "Library/Application Support/pip/pip.conf", "/home/me/cfg/uv/uv.toml"),
        ("win32", "/data/pip/pip.ini", "/data/uv/uv.toml"),
    ],
)
def test_the_files_are_looked_for_where_they_are(
    platform: str, pip: str, uv: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    environ = {"XDG_CONFIG_HOME": "/home/me/cfg", "APPDATA": "/data", "PROGRAMDATA": "/all"}
    assert any(path.as_posix().endswith(pip) for path in pip_files(environ))
    assert any(path.as_posix() == uv for path in uv_files(environ))


def test_a_file_of_its_own_replaces_the_others() -> None:
    assert pip_files({"PIP_CONFIG_FILE": "/mine"})[0] == Path("/mine")
    assert pip_files({"PIP_CONFIG_FILE": "/dev/null"}) == []
