"""Speakers whose every sound is known: espeak-ng's own voices, and those of other synthesizers where they are installed.

    apt-get install festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts flite \
        festvox-italp16k festvox-suopuhe-lj festival-czech festvox-czech-dita festvox-ru

Festival's voices are recorded diphones, units or hidden Markov models of people, Flite's awb, rms and slt statistical models of
three more; both programs tell when each sound begins.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from visavis.benchmarks import script
from visavis.render import sound
from visavis.render.motion import timing
from visavis.render.motion.events import heard
from visavis.render.motion.phonemes import Kind, Manner, phone
from visavis.render.types import Floats, Sentence, Speech
from visavis.render.voices.espeak import backend

TEXTS: Final = {
    "en-us": (
        *script.TEXTS["en-us"],
        "No, no, no, no. That is not what I meant.",
        "Blah blah blah, and then blah blah blah again.",
        "Call one two three four five six seven, or one two one two three four.",
        "Mary had a baby lamb, its fleece was white as snow.",
        "Maybe we should combine both problems and attempt to solve them simultaneously.",
    ),
    "it": (
        "Buongiorno, mi chiamo Pietro e abito a Bologna.",
        "La mamma prepara una buona pasta al pomodoro.",
        "Domani mattina vado al mercato a comprare pane, burro e mele.",
        "Il bambino beve un bicchiere di latte prima di dormire.",
    ),
    "fi": (
        "Hyvää huomenta, miten voin auttaa?",
        "Mummo paistaa pullaa ja puuroa perheelle.",
        "Minä menen huomenna kauppaan ostamaan maitoa ja leipää.",
        "Pieni poika pomppii pihalla ja puhuu paljon.",
    ),
    "cs": (
        "Dobrý den, jak vám mohu pomoci?",
        "Maminka peče bábovku a babička pije mléko.",
        "Zítra půjdu do obchodu a koupím chleba, máslo a pivo.",
        "Pavel a Petr běhají po parku.",
    ),
    "ru": (
        "Добрый день, чем я могу вам помочь?",
        "Мама мыла раму, а папа пил пиво.",
        "Завтра мы пойдём в магазин и купим хлеб и молоко.",
        "Бабушка печёт блины по субботам.",
    ),
    "cmn": (
        "爸爸妈妈跑步买苹果。",
        "您好，请问您的订单号是多少？我来帮您查一下。",
        "今天天气很好，我们去公园散步吧。",
        "我们的商店每天早上九点开门，晚上八点关门。",
    ),
}

_RADIO: Final = {
    "hh": "h", "th": "θ", "dh": "ð", "sh": "ʃ", "zh": "ʒ", "ch": "tʃ", "jh": "dʒ", "ng": "ŋ", "y": "j", "r": "ɹ",
}  # fmt: skip
"""Consonants of the American voices' phone set whose names are not those of the IPA."""
_RUSSIAN: Final = {"ch": "tɕ", "sh": "ʂ", "zh": "ʐ", "sch": "ɕ", "c": "ts", "h": "x"}
_VOWELS: Final = "aeiouy@EO{}U2"
_PAUSES: Final = {"pau", "#", "_", "h#", "sil"}


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that a speaker made."""

    kind: str
    """"vowel", or the lip shape of a consonant."""
    manner: Manner
    start_s: float
    end_s: float
    release_s: float
    """When a plosive bursts; the end of any other sound."""

    @property
    def closure(self) -> bool:
        return self.kind == "PP"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence and the sounds that were made for it."""

    sentence: Sentence
    samples: Floats
    rate: int
    sounds: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Someone who speaks all ``TEXTS`` of a language."""

    name: str
    language: str
    program: str
    """"espeak", "festival" or "flite"."""
    voice: str
    encoding: str = "utf-8"

    def installed(self) -> bool:
        if self.program == "festival":
            return any(Path("/usr/share/festival/voices").glob(f"*/{self.voice.removeprefix('voice_')}"))
        return self.program == "espeak" or shutil.which(self.program) is not None

    def say(self) -> Iterator[Spoken]:
        for text in TEXTS[self.language]:
            sentence = Sentence(text, language=self.language)
            if self.program == "espeak":
                yield _exact(backend(rate_wpm=150, voice=self.voice or None).speak(sentence))
                continue
            with tempfile.TemporaryDirectory() as folder:
                wav = Path(folder) / "said.wav"
                named = _festival(self, text, wav) if self.program == "festival" else _flite(self.voice, text, wav)
                samples, rate = sound.read(wav)
            yield Spoken(sentence, samples, rate, tuple(_sounds(named, self.language, samples, rate)))


SPEAKERS: Final = (
    Speaker("espeak m3", "en-us", "espeak", "m3"),
    Speaker("espeak f2", "en-us", "espeak", "f2"),
    Speaker("espeak f2, Mandarin", "cmn", "espeak", "f2"),
    Speaker("kal", "en-us", "festival", "voice_kal_diphone"),
    Speaker("ked", "en-us", "festival", "voice_ked_diphone"),
    Speaker("slt (HMM)", "en-us", "festival", "voice_cmu_us_slt_arctic_hts"),
    Speaker("awb", "en-us", "flite", "awb"),
    Speaker("rms", "en-us", "flite", "rms"),
    Speaker("slt", "en-us", "flite", "slt"),
    Speaker("lp, Italian", "it", "festival", "voice_lp_diphone", "latin-1"),
    Speaker("lj, Finnish", "fi", "festival", "voice_suo_fi_lj_diphone", "latin-1"),
    Speaker("dita, Czech", "cs", "festival", "voice_czech_dita", "iso8859-2"),
    Speaker("nsh, Russian", "ru", "festival", "voice_msu_ru_nsh_clunits"),
)


def _exact(speech: Speech) -> Spoken:
    events = [event for event in heard(speech.phonemes, speech.duration_s) if not event.pause]
    sounds = []
    for event in events:
        start_s, end_s = timing.shut(event) if event.shape == "PP" else timing.audible(event)
        kind = "vowel" if event.phone.vowel else event.shape
        sounds.append(Sound(kind, event.phone.manner, start_s, end_s, end_s))
    return Spoken(speech.sentence, speech.samples, speech.rate, tuple(sounds))


def _festival(speaker: Speaker, text: str, wav: Path) -> list[tuple[str, float]]:
    """Names and ends of the sounds."""
    script = f"""({speaker.voice})
(set! utt (Utterance Text "{text}"))
(utt.synth utt)
(mapcar (lambda (s) (format t "%s %f\\n" (item.name s) (item.feat s 'end))) (utt.relation.items utt 'Segment))
(utt.save.wave utt "{wav}" 'riff)
"""
    file = wav.with_suffix(".scm")
    file.write_bytes(script.encode(speaker.encoding))
    printed = subprocess.run(["festival", "-b", str(file)], capture_output=True, check=True).stdout.decode("latin-1")
    lines = (line.split() for line in printed.splitlines())
    return [(line[0], float(line[1])) for line in lines if len(line) == 2]


def _flite(voice: str, text: str, wav: Path) -> list[tuple[str, float]]:
    command = ["flite", "-voice", voice, "-psdur", "-o", str(wav), "-t", text]
    printed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    names = (each.rsplit(":", 1) for each in printed.split())
    return [(name, float(end)) for name, end in names]


def _sounds(named: list[tuple[str, float]], language: str, samples: Floats, rate: int) -> Iterator[Sound]:
    start_s = 0.0
    for name, end_s in named:
        if name not in _PAUSES:
            kind, manner = _class(name, language)
            plosive = manner in (Manner.PLOSIVE, Manner.VOICED)
            release_s = _release(samples, rate, start_s, end_s) if plosive else end_s
            yield Sound(kind, manner, start_s, end_s, release_s)
        start_s = end_s


def _class(name: str, language: str) -> tuple[str, Manner]:
    if language == "ru" and name in _RUSSIAN:
        symbol = _RUSSIAN[name]
    elif language == "en-us" and name in _RADIO:
        symbol = _RADIO[name]
    elif name[0] in _VOWELS:
        return "vowel", Manner.VOWEL
    else:
        symbol = name[0] if language == "ru" else name.rstrip(":123")
    known = phone(symbol, "")
    if known.kind is not Kind.SOUND:
        return "unknown", Manner.OTHER
    return "vowel" if known.vowel else known.parts[0].shape, known.manner


def _release(samples: Floats, rate: int, start_s: float, end_s: float) -> float:
    """Where the treble of a plosive rises most: in the 10 ms after against the 10 ms before, every 2.5 ms."""
    reach, steps = round(0.01 * rate), np.arange(start_s + 0.01, end_s + 0.005, 0.0025)
    treble = np.concatenate(([0.0], np.cumsum(np.square(np.diff(samples.astype(np.float64))))))
    at = np.clip(np.round(steps * rate).astype(int), reach, len(treble) - 1 - reach)
    if not len(at):
        return end_s
    before, after = treble[at] - treble[at - reach], treble[at + reach] - treble[at]
    return float(steps[np.argmax((after + 1e-7) / (before + 1e-7))])
