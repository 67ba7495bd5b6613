"""Listening without an end: a piece of motion whose last frame flows into its first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import CHANNELS, Motion
from .articulation import MOUTH, resting_pose
from .blinks import LENGTH_S, Blinks, blink
from .breath import CYCLE_S, Breath, listening
from .gaze import Gaze, look
from .gestures import Gestures, gesture
from .head import AXES, sway
from .limits import MOODS, softly, within

_MARGIN_S = 0.6
"""No blink and no saccade so close to the seam."""


def idle_loop(frames: int, fps: float, gestures: Gestures) -> Motion:
    """A loop of *frames* frames for a player that repeats it while the person listens.

    It begins and ends where *gestures* stands (head, gaze and mood), so that speech planned from the same *gestures*
    can follow any turn of it.
    """
    period_s = frames / fps
    times = np.arange(frames) / fps
    face = np.zeros((frames, len(CHANNELS)))
    column = {name: face[:, index] for index, name in enumerate(CHANNELS)}
    face[:, : len(MOUTH)] = resting_pose()
    here = gesture(gestures, 1, fps)[0][0]

    stretch = period_s / max(round(period_s / CYCLE_S), 1) / CYCLE_S
    chest, _ = listening(Breath(((-1.0, 0.0), (0.0, 0.0))), times / stretch)
    poses = sway(times, seed=gestures.seed, activity=np.zeros(frames), chest=chest, period_s=period_s)
    for axis, name in enumerate(AXES):
        path = softly(gestures.head * poses[:, axis], name)
        column[name][:] = path - path[0] + here[CHANNELS.index(name)]

    inside = (times > _MARGIN_S) & (times < period_s - _MARGIN_S)
    column["blink_left"][inside] = column["blink_right"][inside] = _lids(times[inside], fps, gestures)
    eyes, _ = look(Gaze.begin(gestures.seed), times, seed=gestures.seed, amount=gestures.gaze, speaking=False)
    start = here[[CHANNELS.index("gaze_x"), CHANNELS.index("gaze_y")]]
    eyes[~inside] = start
    column["gaze_x"][:], column["gaze_y"][:] = eyes.T

    bearing = MOODS[gestures.mood]
    scale = min(gestures.expressiveness, 1.5)
    column["smile"][:] = scale * bearing.smile
    column["brow_inner"][:] = scale * bearing.brow_inner
    column["brow_outer"][:] = scale * bearing.brow_outer
    column["breath"][:] = chest
    return Motion(within(face), fps, start_frame=gestures.frame)


def _lids(times_s: NDArray[np.float64], fps: float, gestures: Gestures) -> NDArray[np.float64]:
    """Blinks that are over at the end."""
    last = max(len(times_s) - round(LENGTH_S * fps), 0)
    begun, state = blink(
        Blinks.begin(gestures.seed), times_s[:last], fps, seed=gestures.seed, rate=gestures.blink_rate, moments_s=None
    )
    ended, _ = blink(state, times_s[last:], fps, seed=gestures.seed, rate=0, moments_s=None)
    return np.concatenate([begun, ended])
