"""When a sound is heard, and when the lips are shut for it, counted from the events of the voice.

espeak-ng's events mark where a phoneme's synthesis starts, not where it is heard or seen: everything sounds about 10 ms
later, and the silence of a voiceless plosive, when the lips are shut, comes before its event. The offsets were measured
on espeak-ng 1.52; times that were aligned to espeak-ng's speech keep them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .events import Event
from .phonemes import Manner

SHORTEST_S: Final = 0.02
"""No interval is shorter than this, whatever the events say."""


class _Offsets(NamedTuple):
    start_s: float
    """From the start of the event."""
    end_s: float
    """From the end of the event, or from its start."""
    burst: bool = False
    """The end counts from the start of the event: all of it lies around the burst."""


_AUDIBLE: Final = {
    Manner.VOWEL: _Offsets(0.010, 0.010),
    Manner.GLIDE: _Offsets(0.010, 0.010),
    Manner.PLOSIVE: _Offsets(-0.035, 0.008, burst=True),
    Manner.VOICED: _Offsets(0.005, -0.025),
    Manner.NASAL: _Offsets(0.005, 0.005),
    Manner.FRICATIVE: _Offsets(0.000, 0.005),
    Manner.OTHER: _Offsets(0.010, 0.010),
}
_SHUT: Final = {
    Manner.PLOSIVE: _Offsets(-0.040, 0.005, burst=True),
    Manner.VOICED: _Offsets(-0.010, -0.025),
    Manner.NASAL: _Offsets(-0.010, -0.005),
}
_SILENCE_S: Final = 0.045
"""How much earlier a sound ends when the silence of a voiceless plosive follows."""
_TOUCHING: Final = _Offsets(-0.015, -0.010)


def audible(event: Event) -> tuple[float, float]:
    """When *event* is heard; for a voiceless plosive, its silence. Seconds, start and end."""
    start, end = _applied(event, _AUDIBLE[event.phone.manner])
    return start, max(end - _SILENCE_S * event.before_plosive, min(end, start + SHORTEST_S))


def shut(event: Event) -> tuple[float, float]:
    """When the lips are shut for the bilabial *event*."""
    return _applied(event, _SHUT.get(event.phone.manner, _SHUT[Manner.VOICED]))


def touching(event: Event) -> tuple[float, float]:
    """When the lower lip touches the upper teeth for the labiodental *event*."""
    return _applied(event, _TOUCHING)


def _applied(event: Event, offsets: _Offsets) -> tuple[float, float]:
    start = event.start_s + offsets.start_s
    end = (event.start_s if offsets.burst else event.end_s) + offsets.end_s
    return start, max(end, start + SHORTEST_S)
