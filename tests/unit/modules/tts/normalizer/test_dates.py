from __future__ import annotations

import pytest

from modules.tts.normalizer.dates import speak


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2024-03-05", "March fifth, twenty twenty-four"),
        ("2024-03-05T19:05:00.123Z", "March fifth, twenty twenty-four at 19:05"),
        ("2024-03-05T19:05+01:00", "March fifth, twenty twenty-four at 19:05"),
        ("2024-13-05", "2024-13-05"),
        ("3/14/2024", "March fourteenth, twenty twenty-four"),
        ("14/3/2024", "March fourteenth, twenty twenty-four"),
        ("14.03.2024", "March fourteenth, twenty twenty-four"),
        ("45/45/2024", "45/45/2024"),
        ("March 3", "March third"),
        ("March 3rd, 2024", "March third, twenty twenty-four"),
        ("Dec. 25", "December twenty-fifth"),
        ("Sept 1", "September first"),
        ("March 10-12", "March tenth to twelfth"),
        ("March 10-45", "March 10-45"),
        ("March 45", "March 45"),
        ("3 March 2024", "the third of March twenty twenty-four"),
        ("the 3rd of March", "the third of March"),
        ("on 3 Dec.", "on the third of December."),
        ("45 March", "45 March"),
        ("March 2024", "March 2024"),
        ("May 10:30", "May 10:30"),
        ("Mayor 5", "Mayor 5"),
    ],
)
def test_dates_are_spoken(written: str, spoken: str) -> None:
    assert speak(written) == spoken
