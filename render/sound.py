"""Samples: level, rate, length, and reading them from files."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .types import Floats, Speech, TimedPhoneme

SPEECH_DBFS: Final = -20.0
"""Root mean square of spoken stretches, relative to full scale."""
PEAK: Final = 0.95

_LOBES: Final = 24
"""Zero crossings of the resampling kernel on either side."""
_KAISER_BETA: Final = 9.0
"""About 90 dB of stop-band rejection."""
_PASS: Final = 0.94
"""Cut-off, as a fraction of the lower of the two Nyquist frequencies."""
_BLOCK: Final = 1 << 15


def rms_dbfs(samples: Floats) -> float:
    """Root mean square of *samples* in decibels relative to full scale; -inf for silence and for no samples at all."""
    power = float(np.dot(samples, samples)) / len(samples) if len(samples) else 0.0
    return 10 * math.log10(power) if power > 0 else -math.inf


def voiced(samples: Floats, rate: int, *, threshold_dbfs: float = -50.0) -> NDArray[np.bool_]:
    """Where there is sound: bool (n,), true where the root mean square of the 30 ms around a sample is above the threshold.

    It is decided for 10 ms at a time.
    """
    hop = max(1, round(0.01 * rate))
    hops = -(-len(samples) // hop)
    padded = np.zeros(hops * hop, np.float32)
    padded[: len(samples)] = samples
    blocks = padded.reshape(hops, hop)
    power = np.pad(np.einsum("ij,ij->i", blocks, blocks) / hop, 1)
    loud = (power[:-2] + power[1:-1] + power[2:]) / 3 > 10 ** (threshold_dbfs / 10)
    return np.repeat(loud, hop)[: len(samples)]


def levelled(samples: Floats, rate: int) -> Floats:
    """The same sound with its spoken stretches at ``SPEECH_DBFS``, or as near to it as ``PEAK`` allows; silence stays as it is."""
    spoken = samples[voiced(samples, rate)]
    if not len(spoken):
        return samples
    gain = min(10 ** ((SPEECH_DBFS - rms_dbfs(spoken)) / 20), PEAK / float(np.abs(samples).max()))
    return samples * np.float32(gain)


def faded(samples: Floats, rate: int, seconds: float = 0.003) -> Floats:
    """The same sound, raised from and lowered to silence at its ends, so that it can be joined to silence without a click."""
    length = min(round(seconds * rate), len(samples) // 2)
    if not length:
        return samples
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)).astype(np.float32)
    shaped = samples.copy()
    shaped[:length] *= ramp
    shaped[-length:] *= ramp[::-1]
    return shaped


def resample(samples: Floats, rate: int, to_rate: int) -> Floats:
    """*samples* float32 (n,) at *rate* Hertz -> float32 (round(n * to_rate / rate),) at *to_rate* Hertz, without delay.

    Polyphase interpolation by a Kaiser-windowed sinc (J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample).
    """
    if rate <= 0 or to_rate <= 0:
        raise InputError("A sample rate must be positive.", "Give rates in Hertz, such as 22050 and 48000.")
    if rate == to_rate or not len(samples):
        return np.ascontiguousarray(samples, np.float32)
    common = math.gcd(rate, to_rate)
    up, down = to_rate // common, rate // common
    bank, reach = _polyphase(up, down)
    padded = np.pad(np.asarray(samples, np.float32), reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach)
    total = (2 * len(samples) * up + down) // (2 * down)
    out = np.empty(total, np.float32)
    for start in range(0, total, _BLOCK):
        position = np.arange(start, min(start + _BLOCK, total), dtype=np.int64) * down
        before = np.minimum(position // up, len(samples) - 1)
        out[start : start + len(position)] = np.einsum("ij,ij->i", windows[before + 1], bank[position - before * up])
    return out


def _polyphase(up: int, down: int) -> tuple[Floats, int]:
    """One row of taps per output phase, float32 (2 * up, 2 * reach), and the reach in input samples.

    Phases above ``up`` serve the last samples, which lie after the last input sample.
    """
    cutoff = _PASS * min(1.0, up / down)
    reach = math.ceil(_LOBES / cutoff)
    phase = np.arange(2 * up)[:, None] / up
    offset = np.arange(1 - reach, reach + 1)[None, :] - phase
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (offset / reach) ** 2, 0, None))) / np.i0(_KAISER_BETA)
    taps = np.sinc(cutoff * offset) * window
    taps *= 1 / taps[:up].sum(axis=1).mean()
    return taps.astype(np.float32), reach


def samples_for(frames: int, rate: int, fps: float) -> int:
    """How many samples at *rate* Hertz last as long as *frames* video frames."""
    return round(frames * rate / fps)


def on_grid(speech: Speech, fps: float) -> Speech:
    """*speech* with silence after it, so that it lasts a whole number of video frames; at least one."""
    count = len(speech.samples)
    frames = max(1, math.floor(count * fps / speech.rate))
    while samples_for(frames, speech.rate, fps) < count:
        frames += 1
    missing = samples_for(frames, speech.rate, fps) - count
    if not missing:
        return speech
    samples = np.concatenate((speech.samples, np.zeros(missing, np.float32)))
    end_s = len(samples) / speech.rate
    phonemes = speech.phonemes
    if phonemes:
        last = phonemes[-1]
        rest = last.symbol.startswith("_")
        phonemes = (
            (*phonemes[:-1], replace(last, end_s=end_s))
            if rest
            else (*phonemes, TimedPhoneme("_", last.end_s, end_s, language=last.language))
        )
    return replace(speech, samples=samples, phonemes=phonemes)


def read(path: str | Path) -> tuple[Floats, int]:
    """The sound of an audio or video file: float32 (n,) in [-1, 1], channels mixed to one, and its rate in Hertz.

    Samples that are not numbers become silence, samples beyond full scale are clipped. Raises ``InputError`` when the file is
    missing, holds no sound, or cannot be decoded.
    """
    import av

    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file {path}.", "Check the path.")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise InputError(f"{path} holds no sound.", "Give an audio file such as WAV, MP3 or M4A.")
            rate = container.streams.audio[0].rate
            planar = av.AudioResampler(format="fltp")
            blocks = [
                tidy(block.to_ndarray().mean(axis=0))
                for frame in (*container.decode(audio=0), None)
                for block in planar.resample(frame)
            ]
    except av.FFmpegError as exc:
        raise InputError(f"{path} cannot be decoded as sound.", "Give an audio file such as WAV, MP3 or M4A.") from exc
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not len(samples):
        raise InputError(f"{path} holds no sound.", "Give an audio file such as WAV, MP3 or M4A.")
    return samples, rate


def tidy(samples: NDArray[Any]) -> Floats:
    """float32 (n,) in [-1, 1]: what is not a number becomes silence, what is beyond full scale is clipped."""
    return np.clip(np.nan_to_num(np.asarray(samples, np.float32), nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
