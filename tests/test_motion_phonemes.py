"""Symbols of espeak-ng and of the IPA -> lip shapes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.render.motion.phonemes import SHAPES, Kind, Manner, phone

# What espeak-ng 1.52 was seen to emit.
ENGLISH = "p b m f v T D t d n l t# t2 n- @L k g N h x s z S Z tS dZ r r- r/ j ; w A: A@ A# 0 aa a V a# E e@ I I2 I# i i: O O: O2 O@ o@ U u: @ @2 3 3: aI eI OI aU oU aI3 aI@ aU@ i@3 i@ U@"  # noqa: E501
MANDARIN = "p ph m f t th n l k kh X N tS; tS;h S; ts. ts.h s. z. ts tsh s i[ i. i iE iA iAu iou ei a A ai Au @ @r o- E u uA ua uai u@ uei uo o ou ong y yE y& y@ yi yu io j w"  # noqa: E501


def shapes(symbol, language="en-us"):
    return [part.shape for part in phone(symbol, language).parts]


@pytest.mark.parametrize(("language", "inventory"), [("en-us", ENGLISH), ("cmn", MANDARIN)])
def test_every_symbol_of_the_inventory_is_a_sound(language, inventory):
    for symbol in inventory.split():
        known = phone(symbol, language)
        assert known.kind is Kind.SOUND, symbol
        assert all(part.shape in SHAPES for part in known.parts)
        assert math.isclose(sum(part.share for part in known.parts), 1.0)


@pytest.mark.parametrize(
    ("symbol", "language", "expected"),
    [
        ("p", "en-us", ["PP"]),
        ("ph", "cmn", ["PP"]),
        ("f", "en-us", ["FF"]),
        ("T", "en-us", ["TH"]),
        ("a", "en-us", ["ae"]),
        ("a", "cmn", ["aa"]),
        ("0", "en-us", ["aa"]),
        ("aI", "en-us", ["aa", "ih"]),
        ("aI3", "en-us", ["aa", "ih", "RR"]),
        ("@L", "en-us", ["schwa", "DD"]),
        ("iAu", "cmn", ["ih", "aa", "ou"]),
        ("yE", "cmn", ["ue", "E"]),
        ("tS", "en-us", ["CH"]),
        ("tS;h", "cmn", ["spread"]),
        ("ts.h", "cmn", ["retro"]),
        ("ts", "cmn", ["SS"]),
        ("i[", "cmn", ["apical"]),
        ("i.", "cmn", ["apical."]),
        ("i", "cmn", ["ih"]),
        ("ong", "cmn", ["ong"]),
        ("y:", "de", ["ue"]),
        ("W", "de", ["oh"]),
        ("pF", "de", ["PP", "FF"]),
        ("E~", "fr-fr", ["E"]),
        ("n^", "es", ["DD"]),
        ("y", "ru", ["ih"]),
        ("S;", "pl", ["spread"]),
        ("u-", "ko", ["schwa"]),
        ("t͡ɕʰ", "xx", ["DD", "spread"]),
        ("ˈyː", "xx", ["ue"]),
        ("ʃ", "xx", ["CH"]),
        ("ɸ", "ja", ["near"]),
        ("ɑ̃", "xx", ["aa"]),
        ("ŋ", "xx", ["kk"]),
    ],
)
def test_shapes(symbol, language, expected):
    assert shapes(symbol, language) == expected


def test_falling_and_rising_glides_share_the_time_differently():
    assert [part.share for part in phone("aI", "en-us").parts] == [0.6, 0.4]
    assert [part.share for part in phone("uo", "cmn").parts] == [0.35, 0.65]
    assert [part.share for part in phone("uei", "cmn").parts] == [0.35, 0.45, 0.20]


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [("_", "PAUSE"), ("_:", "PAUSE"), ("_|", "NOTHING"), ("(en)", "NOTHING"), ("?", "NOTHING"), ("ʘ", "NOTHING")],
)
def test_pauses_and_marks(symbol, kind):
    assert phone(symbol, "cmn").kind is Kind[kind]


@pytest.mark.parametrize(
    ("symbol", "manner"),
    [
        ("p", Manner.PLOSIVE),
        ("ph", Manner.PLOSIVE),
        ("b", Manner.VOICED),
        ("m", Manner.NASAL),
        ("s", Manner.FRICATIVE),
        ("aU", Manner.VOWEL),
    ],
)
def test_manner_decides_the_timing(symbol, manner):
    assert phone(symbol, "en-us").manner is manner
    assert phone("'" + symbol, "en-us").manner is manner


def test_apical_vowels_are_not_spread_and_jqx_is():
    assert SHAPES["apical"].width < SHAPES["ih"].width / 2
    assert SHAPES["spread"].width == 0.5
    assert SHAPES["retro"].round < SHAPES["CH"].round


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_text_is_an_answer(symbol, language):
    known = phone(symbol, language)
    assert (known.kind is Kind.SOUND) == bool(known.parts)
