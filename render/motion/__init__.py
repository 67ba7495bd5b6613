"""Speech -> Motion: what the face does while it says something, and while it listens.

read      phonemes -> when the articulators are where       intervals, phonemes, ipa
mouth     -> jaw, lips, closures of every frame             articulation; audio, where there are no phonemes
gesture   -> eyes, brows, head, breath                      gestures, blinks, gaze, head, breath
within    -> inside the limits of a face                    limits
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import InputError
from ..types import Motion, Speech
from .aperture import aperture
from .articulation import LOWER, MOUTH, REST_CLOSE, Curves, Tracks, joined, mouth, resting_pose
from .audio import listen
from .gestures import Gestures, Occasion, gesture
from .limits import Mood, within
from .loop import idle_loop
from .loudness import loudness_db
from .score import read

__all__ = ["REST_CLOSE", "Gestures", "Mood", "aperture", "idle", "idle_loop", "plan"]

_QUESTION_MARKS = ("?", "？", "؟")
_CLOSING_MARKS = " \n\t\"'”’»)）」"
_LEAST_ARTICULATION = 0.8
"""How far the mouth still moves, of its natural range, at ``expressiveness`` 0: speech stays readable."""
_SLOWEST_FPS, _FASTEST_FPS = 5.0, 240.0


def plan(speech: Speech, fps: float, gestures: Gestures) -> tuple[Motion, Gestures]:
    """The face of every frame of *speech*, ``round(duration * fps)`` of them, and the state after it.

    Phonemes move the mouth; without them (``Speech.timing`` "audio") the sound does. The first frame continues the last
    one of *gestures*. Equal values give equal motion. Raises ``InputError`` for a frame rate outside 5 to 240.
    """
    _check(fps)
    frames = round(speech.duration_s * fps)
    if speech.phonemes:
        score = read(speech.phonemes, speech.duration_s, loudness_db(speech.samples, speech.rate))
        curves: Curves | None = None
    else:
        score, curves = listen(speech.samples, speech.rate)
    occasion = Occasion(
        score.accents,
        score.pauses,
        question=speech.sentence.text.rstrip(_CLOSING_MARKS).endswith(_QUESTION_MARKS),
        duration_s=speech.duration_s,
    )
    weights, after = gesture(gestures, frames, fps, occasion)
    lips = joined(mouth(score, frames, fps, curves=curves), gestures.mouth, fps)
    lips[:, : LOWER + 1] *= _LEAST_ARTICULATION + (1 - _LEAST_ARTICULATION) * gestures.expressiveness
    weights[:, : len(MOUTH)] = lips
    return _finished(weights, fps, gestures, after)


def idle(frames: int, fps: float, gestures: Gestures) -> tuple[Motion, Gestures]:
    """The face while it listens, for *frames* frames, and the state after them.

    The mouth stays shut and still; one that was open shuts within 150 ms. Raises ``InputError`` for a frame rate
    outside 5 to 240.
    """
    _check(fps)
    weights, after = gesture(gestures, frames, fps)
    rest = np.tile(resting_pose(), (frames, 1))
    weights[:, : len(MOUTH)] = joined(rest, gestures.mouth, fps)
    return _finished(weights, fps, gestures, after)


def _finished(weights: Tracks, fps: float, before: Gestures, after: Gestures) -> tuple[Motion, Gestures]:
    face = within(weights)
    last = tuple(face[-1, : len(MOUTH)].tolist()) if len(face) else before.mouth
    return Motion(face, fps, start_frame=before.frame), replace(after, mouth=last)


def _check(fps: float) -> None:
    if not _SLOWEST_FPS <= fps <= _FASTEST_FPS:
        raise InputError(f"The frame rate is {fps}.", f"Give a number from {_SLOWEST_FPS:g} to {_FASTEST_FPS:g}.")
