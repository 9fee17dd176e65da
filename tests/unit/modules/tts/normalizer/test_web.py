from __future__ import annotations

import pytest

from modules.tts.normalizer.web import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("john.doe@example.com", "john dot doe at example dot com"),
        ("a_b-c+d@x.org", "a underscore b dash c plus d at x dot org"),
        ("https://www.python.org/", "python dot org"),
        ("http://docs.python.org/3/library.", "docs dot python dot org slash 3 slash library."),
        ("https://a.org:8080/x", "a dot org slash x"),
        ("https://a.org/search?q=1&r=2", "a dot org"),
        ("https://a.org/a/very/long/way/to/the/page.html", "a dot org"),
        ("www.google.com, then", "google dot com, then"),
        ("Go to example.com.", "Go to example dot com."),
        ("example.com/news", "example dot com slash news"),
        ("README.md", "README dot M.D"),
        ("my_notes.json", "my notes dot Jason"),
        ("llama.cpp", "llama dot C.P.P"),
        ("archive.zip", "archive dot zip"),
        ("/etc/hosts", "slash etc slash hosts"),
        ("~/.config/arvis", "tilde slash dot config slash arvis"),
        ("os.path", "os dot path"),
        ("@user", "at user"),
        ("#topic", "hashtag topic"),
        ("It ended.Next", "It ended.Next"),
        ("and/or", "and/or"),
        ("the end. com", "the end. com"),
    ],
)
def test_addresses_are_spoken(written: str, spoken: str) -> None:
    assert speak(written) == spoken
