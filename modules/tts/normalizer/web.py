"""E-mail addresses, web addresses, file names and the like, spoken."""

from __future__ import annotations

import re

_TOP_LEVEL = "com|org|net|edu|gov|io|ai|dev|app|co|uk|us|eu|de|fr|it|es|nl|ch|at|ca|au|jp|info|me|tv|fm|gg|sh|xyz"
_EXTENSIONS = (
    "py|md|txt|json|toml|yaml|yml|cfg|ini|csv|tsv|xml|html|css|js|ts|sh|c|h|cpp|rs|go|java|pdf|png|jpg|jpeg|gif|svg|"
    "wav|mp3|mp4|ogg|flac|zip|gz|tar|exe|log|gguf|onnx|docx?|xlsx?|pptx?|rc|conf"
)
_PATH_CHARACTER = r"[\w/.~%&=#?+:@,;!$*-]"

_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w-])")
_URL = re.compile(
    r"(?<![\w@.-])(?:(?:https?|ftp)://(?:www\.)?|www\.)([\w.-]+)(?::[0-9]{1,5})?"
    rf"((?:[/?#]{_PATH_CHARACTER}*)?)",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    rf"(?<![\w@./-])((?:[A-Za-z0-9-]{{1,63}}\.){{1,6}}(?:{_TOP_LEVEL}))(?![\w@-]|\.\w)(/{_PATH_CHARACTER}*)?"
)
_FILE = re.compile(rf"(?<![\w.])([\w-]{{0,80}})\.({_EXTENSIONS})(?![\w]|\.\w)")
_DOTTED_NAME = re.compile(r"(?<=[A-Za-z]{2})\.(?=[a-z]{2})")
_HANDLE = re.compile(r"(?<![\w@])@(?=[A-Za-z_])")
_HASHTAG = re.compile(r"(?<![\w&#])#(?=[A-Za-z_])")
_UNIX_PATH = re.compile(r"(?<![\w/.)])(~?(?:/[\w.-]+){2,}/?)")

_LONGEST_SPOKEN_PATH = 30
"""Characters of a web address behind the host up to which it is read out; a longer one tells nobody anything."""
_SAID_AS_WORDS = {"json": "Jason", "toml": "tommel", "yaml": "yammel", "yml": "yammel", "wav": "wave", "jpg": "jpeg"}
_WORDS = frozenset(["zip", "log", "jpeg", "gif", "java", "tar", "go", "info", "conf", "flac", "docx", "pptx"])


def speak(text: str) -> str:
    """Put addresses and file names into words: a@b.com -> a at b dot com."""
    text = _EMAIL.sub(lambda match: f"{_spell_marks(match[1])} at {_spell_marks(match[2])}", text)
    text = _URL.sub(_address, text)
    text = _DOMAIN.sub(_address, text)
    text = _UNIX_PATH.sub(lambda match: _spell_marks(match[1]), text)
    text = _FILE.sub(lambda match: f"{match[1].replace('_', ' ')} dot {_extension(match[2])}", text)
    text = _HASHTAG.sub("hashtag ", _HANDLE.sub("at ", text))
    return _DOTTED_NAME.sub(" dot ", text)


def _address(match: re.Match[str]) -> str:
    host, path = match[1], match[2] or ""
    stripped = path.rstrip(".,;:!?*")
    ending = path[len(stripped) :]
    if not path:
        stripped_host = host.rstrip(".-")
        host, ending = stripped_host, host[len(stripped_host) :]
    spoken = stripped.rstrip("/")
    if len(spoken) > _LONGEST_SPOKEN_PATH or not set("?=%&").isdisjoint(spoken):
        spoken = ""
    return _spell_marks(host + spoken) + ending


_MARKS = {
    ".": " dot ",
    "-": " dash ",
    "_": " underscore ",
    "+": " plus ",
    "/": " slash ",
    "~": " tilde ",
    "#": " hash ",
    ":": " colon ",
    "@": " at ",
}


def _spell_marks(text: str) -> str:
    """Say punctuation by its name, and separate letters from digits."""
    spoken = "".join(_MARKS.get(character, character) for character in text)
    return " ".join(_SAID_AS_WORDS.get(word, word) for word in spoken.split())


def _extension(extension: str) -> str:
    if extension in _WORDS:
        return extension
    return _SAID_AS_WORDS.get(extension) or ".".join(extension.upper())
