"""espeak-ng: what it says, when, in which language; and that text stays text."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import BackendError, InputError, TextError
from visavis.render import sound
from visavis.render.languages import LANGUAGE_OF
from visavis.render.speakable import runs
from visavis.render.types import Sentence, Speech

pytest.importorskip("espeakng_loader")

from visavis.render.voices import _espeak_api as api
from visavis.render.voices._timing import Onset, time_phonemes, time_words, word_spans
from visavis.render.voices.espeak import backend, language_name, languages


def say(text: str, language: str = "en-us", **options: object) -> Speech:
    return backend(**options).speak(Sentence(text, language=language))


def phonemes(text: str, language: str = "en-us") -> list[str]:
    return [phoneme.symbol for phoneme in say(text, language).phonemes if not phoneme.symbol.startswith("_")]


def in_words(text: str, language: str = "en-us") -> str:
    return "".join(run.text for run in runs(text, language))


# --- Languages ---


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "en-us"),
        ("en-US", "en-us"),
        ("en_GB", "en-gb"),
        ("zh", "cmn"),
        ("zh-CN", "cmn"),
        ("zh-Hans-CN", "cmn"),
        ("zh-HK", "yue"),
        ("de-AT", "de"),
        ("fr", "fr-fr"),
        ("pt-BR", "pt-br"),
        ("es-MX", "es-419"),
        ("no", "nb"),
        ("ar-EG", "ar"),
        ("cmn", "cmn"),
    ],
)
def test_bcp_47(tag: str, name: str) -> None:
    assert language_name(tag) == name


def test_unknown_language_says_how_to_see_them() -> None:
    with pytest.raises(BackendError, match=r"no language 'germn'.*Try .*languages\(\)"):
        say("x", "germn")


def test_every_language_can_be_loaded() -> None:
    assert set(LANGUAGE_OF.values()) <= set(languages())
    assert {"de", "fr-fr", "es", "it", "pt", "nl"} <= set(languages())
    with api._library() as library:
        for identifier in languages().values():
            assert library.espeak_SetVoiceByName(identifier.encode()) == 0
    assert len(languages()) > 100


def test_unknown_variant_and_speed() -> None:
    with pytest.raises(BackendError, match=r"no variant 'nobody'. Choose one of: .*f2"):
        backend(voice="nobody")
    for rate_wpm in (79, 451):
        with pytest.raises(InputError, match="Give 80 to 450"):
            backend(rate_wpm=rate_wpm)


def test_each_script_is_read_by_its_own_voice() -> None:
    speech = say("Hello 你好 мир", "en")
    spoken = {phoneme.language for phoneme in speech.phonemes if not phoneme.symbol.startswith("_")}
    assert spoken == {"en-us", "cmn", "ru"}
    assert [word.text for word in speech.words] == ["Hello", "你", "好", "мир"]


def test_english_within_chinese_keeps_its_language() -> None:
    speech = say("你好 hello 世界", "zh")
    by_symbol = {phoneme.symbol: phoneme.language for phoneme in speech.phonemes}
    assert by_symbol["oU"] == "en-us"
    assert by_symbol["X"] == "cmn"
    assert not [symbol for symbol in by_symbol if symbol.startswith(("(", "_|"))]


# --- Text is data ---


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("<speak>hi</speak>", "speak hi speak"),
        ('<audio src="x"/>', "audio s r c equals x"),
        ("a\0b", "a b"),
        ("\x01500s fast", "500s fast"),
        ("ha\u00adppy \ufeffday\u202e", "happy day"),
        ("x \ue000 y", "x y"),
        ("x \ud800 y", "x y"),
        ("&lt;b&gt;", "and lt;b and gt;"),
    ],
)
def test_markup_is_not_interpreted(text: str, same: str) -> None:
    spoken = phonemes(text)
    assert spoken
    if "<" not in text and "&" not in text:
        assert spoken == phonemes(same)


def test_phoneme_brackets_are_letters() -> None:
    assert phonemes("[[h@l'oU]]") != phonemes("hello")
    assert len(phonemes("[[h@l'oU]]")) > len(phonemes("hello"))


def test_speed_is_not_changed_by_text() -> None:
    slow = say("This is slow.\x01450S fast").duration_s
    assert slow == pytest.approx(say("This is slow. 450S fast").duration_s, rel=0.02)


# --- Nothing is lost ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It costs $29.50.", "It costs 29 dollars and 50 cents."),
        (
            "$1, $0.99, $5M, €3, 5€, £1.50, ¥300",
            "1 dollar, 99 cents, 5 million dollars, 3 euros, 5 euros, 1 pound and 50 pence, 300 yen",
        ),
        ("in 3-5 days, $10-$20, 5–10%", "in 3 to 5 days, 10 dollars to 20 dollars, 5 to 10%"),
        ("bob_b@x.com", "bob underscore b at x dot com"),
        ("https://www.a.com/b-c?d=1.", "a dot com slash b dash c question mark d equals 1."),
        ("+1 (555) 123-4567", "plus 1, 5 5 5, 1 2 3, 4 5 6 7"),
        ("order 12345678", "order 1 2 3 4 5 6 7 8"),
        ("rooms 10 20 30, 11-22-2026, 4111 1111 1111", "rooms 10 20 30, 11-22-2026, 4 1 1 1, 1 1 1 1, 1 1 1 1"),
        ("1,000,000 and 1000000", "1,000,000 and 1000000"),
        ("20°C, 5 km, 5GB", "20 degrees Celsius, 5 kilometres, 5 gigabytes"),
        ("2026-11-22 at 5:00 pm", "November 22, 2026 at 5 pm"),
        ("#5, № 5, No. 5", "number 5, number  5, number  5"),
        ("x < 5, 5 > 3", "x less than 5, 5 greater than 3"),
        ("Dr. Smith vs. Mr. X", "Dr Smith versus Mr X"),
        ("ＡＢＣ １２３", "ABC 123"),
        ("Great 😀👍🏽 work", "Great     work"),
    ],
)
def test_english_wording(text: str, said: str) -> None:
    assert in_words(text).split() == said.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("打9折，50%", "打9折，百分之50"),
        ("$29.50 ￥30", "29.50美元 30元"),
        ("3-5天，10-20元", "3到5天，10到20元"),
        ("2026年11月", "二零二六年11月"),
        ("30℃ 5kg", "30摄氏度 5公斤"),
        ("电话400-123-4567", "电话四零零，一二三，四五六七"),
        ("12:30，-5度，3×5=15", "12点30分，负5度，3乘5等于15"),
        ("邮箱bob@x.com", "邮箱bob at x点com"),
    ],
)
def test_chinese_wording(text: str, said: str) -> None:
    assert in_words(text, "cmn") == said


@pytest.mark.parametrize(
    ("language", "word", "signs"),
    [
        ("en-us", "five", "% $ € £ ¥ ₹"),
        ("cmn", "好", "% $ € £ ¥ ￥ ₹"),
        ("de", "gut", "% $ € £ ¥"),
        ("fr", "bon", "% $ € £ ¥ ₹"),
        ("es", "bien", "% $ € £ ¥ ₹"),
        ("ru", "да", "% $ € £ ¥ ₹"),
        ("ar", "نعم", "% $ € £ ¥ ₹"),
        ("ja", "はい", "% $ € £ ¥ ₹"),
        ("ko", "네", "% $ € £ ¥ ₹"),
        ("hi", "हाँ", "% $ € £ ¥ ₹"),
    ],
)
def test_no_sign_is_silent(language: str, word: str, signs: str) -> None:
    bare = phonemes(f"{word} 5 {word}", language)
    for sign in signs.split():
        amount = f"5{sign}" if sign == "%" else f"{sign}5"
        assert len(phonemes(f"{word} {amount} {word}", language)) > len(bare), f"{sign} is not spoken"
    assert phonemes(f"{word} 3-5 {word}", language) != phonemes(f"{word} 3 5 {word}", language)


def test_emoji_alone_are_named() -> None:
    assert phonemes("👍") == phonemes("thumbs up sign")


@pytest.mark.parametrize(
    ("text", "language", "symbol", "count"),
    [
        ("supercalifragilistic" * 50, "en-us", "f", 50),
        ("word " * 1000, "en-us", "w", 1000),
        ("今天天气很好我们去公园散步" * 40, "cmn", "s", 40),
        ("안녕하세요" * 40, "ko", "s", 40),
    ],
)
def test_long_words_and_clauses_are_spoken_to_the_end(text: str, language: str, symbol: str, count: int) -> None:
    assert phonemes(text, language).count(symbol) == pytest.approx(count, abs=count * 0.03)


def test_ten_thousand_characters() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 223
    speech = say(text[:10_000])
    assert len(speech.words) == len(text[:10_000].split())
    assert speech.duration_s > 400


# --- Times ---


@pytest.mark.parametrize(("text", "language"), [("Bob's puppy popped up.", "en"), ("爸爸妈妈跑步买苹果", "zh")])
def test_stops_are_silent_just_before_their_release(text: str, language: str) -> None:
    """A "p" begins with its burst: espeak-ng's closure lies in the 30 ms before it."""
    speech = say(text, language)
    peak = np.abs(speech.samples).max()
    found = [phoneme for phoneme in speech.phonemes if phoneme.symbol in ("p", "ph")]
    assert len(found) >= 2
    for phoneme in found:
        start = round((phoneme.start_s - 0.025) * speech.rate)
        end = round((phoneme.start_s - 0.002) * speech.rate)
        assert np.abs(speech.samples[start:end]).max() < 0.05 * peak


def test_mandarin_syllables_are_not_pauses() -> None:
    speech = say("爸爸妈妈跑步买苹果", "zh")
    assert [k for k, phoneme in enumerate(speech.phonemes) if phoneme.symbol.startswith("_")] == [
        0,
        len(speech.phonemes) - 1,
    ]


def test_stress() -> None:
    speech = say("banana")
    assert [phoneme.symbol for phoneme in speech.phonemes if phoneme.stressed] == ["a"]


def test_words_stand_as_written() -> None:
    speech = say("It costs $29.50 — “really”, 10% off 👍 (now).")
    assert [word.text for word in speech.words] == ["It", "costs", "$29.50", "“really”,", "10%", "off", "(now)."]


def test_words_lie_on_their_sound() -> None:
    speech = say("One, two, three.")
    loud = sound.voiced(speech.samples, speech.rate)
    for word in speech.words:
        assert loud[round(word.start_s * speech.rate) : round(word.end_s * speech.rate)].mean() > 0.8
    gap = loud[round(speech.words[0].end_s * speech.rate) : round(speech.words[1].start_s * speech.rate)]
    assert len(gap) > 0.08 * speech.rate
    assert gap.mean() < 0.35


@pytest.mark.parametrize(
    ("text", "language"), [("Hello there.", "en"), ("你好。", "zh"), ("Is it?", "en"), ("مرحبا.", "ar")]
)
def test_gap_between_sentences(text: str, language: str) -> None:
    """Between 250 and 450 ms, measured on the sound of the sentence said twice."""
    speech = say(text, language)
    loud = np.flatnonzero(sound.voiced(speech.samples, speech.rate))
    gap_s = (loud[0] + len(speech.samples) - loud[-1]) / speech.rate
    assert 0.25 <= gap_s <= 0.45


def test_level_and_clean_ends() -> None:
    for text, language in [("Hello there.", "en"), ("你好世界。", "zh"), ("Привет.", "ru"), ("Hello 你好", "en")]:
        speech = say(text, language)
        spoken = speech.samples[sound.voiced(speech.samples, speech.rate)]
        assert sound.rms_dbfs(spoken) == pytest.approx(sound.SPEECH_DBFS, abs=1.5)
        assert np.abs(speech.samples).max() <= sound.PEAK
        assert speech.samples[0] == speech.samples[-1] == 0
        first = np.flatnonzero(speech.samples)[0]
        assert abs(speech.samples[first]) < 0.01


# --- Threads ---


def test_threads_languages_and_speeds_do_not_mix() -> None:
    jobs = [
        ("Hello there, how are you?", "en", 175),
        ("你好，世界", "zh", 120),
        ("مرحبا بالعالم", "ar", 250),
        ("Guten Tag", "de", 175),
    ]
    alone = [say(text, language, rate_wpm=speed) for text, language, speed in jobs]
    barrier = threading.Barrier(4)

    def work(index: int) -> list[Speech]:
        barrier.wait()
        return [say(*jobs[(index + k) % 4][:2], rate_wpm=jobs[(index + k) % 4][2]) for k in range(4)]

    with ThreadPoolExecutor(4) as pool:
        for index, speeches in enumerate(pool.map(work, range(4))):
            for k, speech in enumerate(speeches):
                expected = alone[(index + k) % 4]
                assert speech.phonemes == expected.phonemes
                assert np.array_equal(speech.samples, expected.samples)


def test_lock_is_free_after_an_error() -> None:
    with pytest.raises(BackendError, match="no voice"):
        api.synthesize("x", voice="nobody")
    with pytest.raises(TextError):
        say("")
    assert say("x").duration_s > 0


def test_missing_library_and_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.espeakng_loader, "get_data_path", lambda: "/nowhere")
    with pytest.raises(BackendError, match=r"cannot read its data.*Reinstall"):
        say("x")
    monkeypatch.setattr(api.espeakng_loader, "get_library_path", lambda: "/nowhere/libespeak-ng.so")
    with pytest.raises(BackendError, match=r"cannot be loaded.*pip install"):
        say("x")


# --- From onsets to times ---


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["p", "a", "_", "_:", "n"])), min_size=1, max_size=20),
    st.integers(1, 5),
)
@settings(max_examples=200)
def test_phonemes_have_no_gaps_and_none_is_dropped(steps: list[tuple[int, str]], tail: int) -> None:
    at, onsets = 0, []
    for step, symbol in steps:
        onsets.append(Onset(at, symbol))
        at += 200 * step
    count = at + 400 * tail
    timed = time_phonemes(onsets, count, 22050)
    assert [p.symbol for p in timed if not p.symbol.startswith("_")] == [s for _, s in steps if not s.startswith("_")]
    assert timed[0].start_s == 0
    assert timed[-1].end_s == count / 22050
    for phoneme, following in pairwise(timed):
        assert phoneme.end_s == following.start_s
        assert not (phoneme.symbol.startswith("_") and following.symbol.startswith("_"))
    for phoneme in timed:
        assert phoneme.end_s > phoneme.start_s


def test_a_phoneme_without_duration_gets_some_of_the_one_before() -> None:
    timed = time_phonemes([Onset(0, "a"), Onset(4410, "l"), Onset(4410, "d")], 6615, 22050)
    assert [(p.symbol, round(p.start_s, 3), round(p.end_s, 3)) for p in timed] == [
        ("a", 0, 0.18),
        ("l", 0.18, 0.2),
        ("d", 0.2, 0.3),
    ]


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.floats(0, 0.5)), max_size=12))
def test_words_are_in_order_whatever_the_marks(text: str, steps: list[tuple[int, float]]) -> None:
    marks, at = [], 0.0
    for index, step in steps:
        if text:
            marks.append((min(index, len(text) - 1), at))
            at += step
    timed = time_phonemes([Onset(0, "a")], round((at + 0.5) * 22050), 22050)
    words = time_words(text, marks, timed)
    for word, following in pairwise(words):
        assert word.start_s <= word.end_s <= following.start_s + 1e-9


@given(st.text(max_size=80))
def test_word_spans_cover_everything_but_spaces(text: str) -> None:
    spans = word_spans(text)
    assert "".join(text[start:end] for start, end in spans) == "".join(text.split())
