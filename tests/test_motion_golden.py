"""Two sentences, frame by frame.

After a change that is meant: ``python tests/test_motion_golden.py``, and look at the difference.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from visavis.render.motion import Gestures, plan
from visavis.render.types import CHANNELS, Floats, Sentence, Speech, TimedPhoneme

GOLDEN = Path(__file__).parent / "golden"
RATE = 8000
# Symbol, length in milliseconds; "'" marks stress. Lengths are those of espeak-ng 1.52 at 175 words a minute.
SENTENCES = {
    "bob": ("Bob's puppy popped up.", "en-us", "_:163 b:32 '0:148 b:75 z:150 p:32 'V:131 p:32 i:108 p:33 '0:170 p:125 t:39 'V:197 p:80 _::225"),  # noqa: E501
    "baba": ("爸爸妈妈跑步买苹果。", "cmn", "_:189 p:30 A:155 p:30 A:105 m:80 A:85 m:58 A:118 ph:48 'Au:180 p:28 'u:140 m:85 'ai:145 ph:50 i:105 N:110 k:25 'uo:220 _::220"),  # noqa: E501
}  # fmt: skip


def motion_of(name: str) -> Floats:
    text, language, score = SENTENCES[name]
    phonemes, clock = [], 0.0
    for each in score.split():
        symbol, length = each.rsplit(":", 1)
        end = clock + int(length) / 1000
        phonemes.append(TimedPhoneme(symbol.lstrip("'"), clock, end, symbol.startswith("'"), language))
        clock = end
    speech = Speech(np.zeros(round(clock * RATE), np.float32), RATE, Sentence(text, language=language), tuple(phonemes))
    return plan(speech, 25.0, Gestures.start(1, mood="friendly"))[0].weights


@pytest.mark.parametrize("name", SENTENCES)
def test_sentence(name):
    golden = json.loads((GOLDEN / f"motion-{name}.json").read_text())
    assert golden["channels"] == list(CHANNELS)
    np.testing.assert_allclose(motion_of(name), golden["weights"], atol=2e-3)


def write() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name in SENTENCES:
        rows = ",\n".join(json.dumps([round(value, 4) for value in row]) for row in motion_of(name).tolist())
        (GOLDEN / f"motion-{name}.json").write_text(
            f'{{"channels": {json.dumps(CHANNELS)},\n"weights": [\n{rows}\n]}}\n'
        )


if __name__ == "__main__":
    write()
