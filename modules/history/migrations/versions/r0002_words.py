"""An index of the words of all turns, by which they are found: a table on SQLite, a column on PostgreSQL.

Both index words in lower case and without diacritics. SQLite's copies no text: it refers to a view of the turns, and
triggers keep it up to date (https://sqlite.org/fts5.html, 4.4.3). Its tokeniser knows no Cyrillic diacritics; the view
replaces the one that people leave out.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def _words(row: str = "") -> str:
    return ", ".join(f"replace(replace({row}{name}, 'ё', 'е'), 'Ё', 'Е')" for name in ("said", "heard"))


_FORGET = f"INSERT INTO words(words, rowid, said, heard) VALUES ('delete', old.id, {_words('old.')});"  # nosec B608  # constants
_LEARN = f"INSERT INTO words(rowid, said, heard) VALUES (new.id, {_words('new.')});"  # nosec B608  # constants
_SQLITE = (
    f"CREATE VIEW turn_words(id, said, heard) AS SELECT id, {_words()} FROM turns",  # nosec B608  # constants
    """CREATE VIRTUAL TABLE words USING fts5(
        said, heard, content='turn_words', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
    f"CREATE TRIGGER words_of_new_turn AFTER INSERT ON turns BEGIN {_LEARN} END",
    f"CREATE TRIGGER words_of_erased_turn AFTER DELETE ON turns BEGIN {_FORGET} END",
    f"CREATE TRIGGER words_of_changed_turn AFTER UPDATE OF id, said, heard ON turns BEGIN {_FORGET} {_LEARN} END",
    "INSERT INTO words(words) VALUES ('rebuild')",
)
_MOST_CHARACTERS = 200_000
"""Of a turn that are indexed: PostgreSQL refuses to index a text with a megabyte of words."""
_DIACRITICS = r"[\u0300-\u036f]+"
# What is between words is given by its codes, as character classes depend on the locale of the database.
_BETWEEN_WORDS = r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+"
_POSTGRESQL = (
    rf"""ALTER TABLE turns ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', regexp_replace(
        regexp_replace(normalize(lower(left(said || ' ' || heard, {_MOST_CHARACTERS})), NFKD),
        '{_DIACRITICS}', '', 'g'),
        '{_BETWEEN_WORDS}', ' ', 'g'))) STORED""",
    "CREATE INDEX turns_by_word ON turns USING gin (words)",
)


def upgrade() -> None:
    """Make the index, of what there is already, too."""
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.get_bind().exec_driver_sql(statement)
