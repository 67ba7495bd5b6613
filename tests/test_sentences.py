"""Deltas in, sentences out; Markdown in, plain text out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from visavis.errors import TextError
from visavis.render.sentences import LIMIT, asplit, clean, detect_language, split
from visavis.render.types import Sentence

PIECES = st.sampled_from(
    [
        *"abAB 1.!?…,;:-—\n*_`~#|[]()<>&\\\"'“”«»$%@/。！？；，、“”你好שم한あ😀👍\u0301\u200d\0\x07\u202e",
        "Dr. ",
        "U.S. ",
        "a.m. ",
        "$29.50 ",
        "3-5 days ",
        "[text](https://x.y/z_a) ",
        "![alt](a.png)",
        "https://a.b/c_d?e=f ",
        "**bold** ",
        "```py\nx = 1\n```\n",
        "| a | b |\n|---|---|\n",
        "# Head\n",
        "- item\n",
        "1. item\n",
        "<b>",
        "<br>",
        "&amp;",
        "Hello world. ",
        "Yes. It is! ",
        "word " * 30,
        "好" * 70,
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def texts(*deltas: str, language: str = "auto") -> list[str]:
    return [sentence.text for sentence in split(deltas, language=language)]


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(TEXTS)
@example("a **b.** c")
@example("[a](b")
@example("`")
def test_nothing_is_lost(text: str) -> None:
    try:
        cleaned = clean(text)
    except TextError:
        cleaned = ""
    assert squeezed("".join(texts(text))) == squeezed(cleaned)


@given(TEXTS, st.lists(st.integers(0, 400), max_size=12))
def test_the_cut_into_deltas_does_not_matter(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    deltas = [text[start:end] for start, end in pairwise(places)]
    assert list(split(deltas)) == list(split([text])) == list(split(list(text)))


@given(TEXTS)
def test_sentences_are_numbered_lines_of_bounded_length(text: str) -> None:
    sentences = list(split([text]))
    assert [sentence.index for sentence in sentences] == list(range(len(sentences)))
    for sentence in sentences:
        assert sentence.text == " ".join(sentence.text.split()) != ""
        assert sentence.language
    for sentence in sentences[:-1]:
        assert any(char.isalnum() for char in sentence.text)


@given(
    st.lists(st.sampled_from(["word", "another", "好好学习", "10,000", "and", "，", ", "]), min_size=40, max_size=300)
)
def test_run_on_text_is_cut(words: list[str]) -> None:
    for sentence in split([" ".join(words)]):
        assert len(sentence.text) <= 240


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $29.50. Buy it!", ["It costs $29.50.", "Buy it!"]),
        ("It costs $29. Buy it!", ["It costs $29.", "Buy it!"]),
        (
            "Dr. Smith met Mrs. Jones at 5 a.m. in the U.S. Embassy.",
            ["Dr. Smith met Mrs. Jones at 5 a.m. in the U.S. Embassy."],
        ),
        ("I live in the U.S. The shop is here.", ["I live in the U.S.", "The shop is here."]),
        ("No. 5 is out. I said no. We know.", ["No. 5 is out.", "I said no.", "We know."]),
        ("Use e.g. tape. J. R. Smith agrees.", ["Use e.g. tape.", "J. R. Smith agrees."]),
        ("Wait... what? Well… maybe. Hm... Then go.", ["Wait... what?", "Well… maybe.", "Hm... Then go."]),
        (
            "See bob@x.com or www.x.com. Node.js v1.2.3 is fine.",
            ["See bob@x.com or www.x.com.", "Node.js v1.2.3 is fine."],
        ),
        ('He said "Stop!" and left. (Really.) Then.', ['He said "Stop!" and left.', "(Really.)", "Then."]),
        ("“Go.” “No.” Fine.", ["“Go.” “No.”", "Fine."]),
        ("Yes. It is.", ["Yes.", "It is."]),
        ("Thanks! 👍 Bye.", ["Thanks! 👍", "Bye."]),
        ("Really?! Yes!!", ["Really?!", "Yes!!"]),
        (
            "你好，世界。今天天气很好！走吧；好的？是“真的。”对",
            ["你好，世界。", "今天天气很好！", "走吧；", "好的？", "是“真的。”", "对"],
        ),
        ("price：3.5元。Next. 好", ["price：3.5元。", "Next.", "好"]),
        ("مرحبا؟ كيف حالك۔ جيد.", ["مرحبا؟", "كيف حالك۔", "جيد."]),
        ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("1. Open the box. 2. Close it.", ["1. Open the box.", "2. Close it."]),
        ("", []),
        ("   \n ", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_sentence_is_given_as_soon_as_the_next_one_begins() -> None:
    source = iter(["Hello the", "re. ", "How ", "are you?"])
    sentences = split(source)
    assert next(sentences) == Sentence("Hello there.", 0, "en-us")
    assert list(source) == ["are you?"]


def test_the_price_waits_for_its_cents() -> None:
    assert texts("It costs $29.", "50. ", "Good") == ["It costs $29.50.", "Good"]


def test_asynchronous_deltas() -> None:
    async def deltas() -> AsyncIterator[str]:
        for delta in ("One is h", "ere. Two is", " there."):
            yield delta

    async def collect() -> list[str]:
        return [sentence.text async for sentence in asplit(deltas())]

    assert asyncio.run(collect()) == ["One is here.", "Two is there."]


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Bold**, *it*, __b__, _i_ and ~~old~~ `code`", "Bold, it, b, i and old code"),
        ("snake_case, 2 * 3, 2*3, a ~5 and x_1", "snake_case, 2 * 3, 2*3, a ~5 and x_1"),
        ("# Title\n## Part ##", "Title\nPart ##"),
        ("- one\n* two\n+ three\n  • four\n- [x] done\n-5 degrees", "one\ntwo\nthree\nfour\ndone\n-5 degrees"),
        ("> quoted\n> > twice", "quoted\ntwice"),
        ("a\n\n---\n***\nb", "a\nb"),
        ("[our **shop**](https://x.y/a_(b)) and ![a cat](c.png)", "our shop and a cat"),
        ("[1] [not a link] (x)", "[1] [not a link] (x)"),
        ("https://x.y/a_b_c and <https://z.w>", "https://x.y/a_b_c and https://z.w"),
        ("| A | B |\n|:--|--:|\n| 1 | 2 |", "A, B\n1, 2"),
        ("```python\nx = 1\n```\nDone", "x = 1\nDone"),
        ("a<br>b <b>c</b> x < y > z <unknown> AT&amp;T &copy; &nope;", "a\nb c x < y > z <unknown> AT&T © &nope;"),
        (r"\*not bold\*", "*not bold*"),
        ("a\0b\x07c\x1b[0m\r\nd\u200be\u202e", "abc[0m\nde"),
        ("  many \t spaces \n\n\n lines ", "many spaces\nlines"),
    ],
)
def test_markdown_becomes_plain_text(markdown: str, plain: str) -> None:
    assert clean(markdown) == plain


def test_numbers_and_signs_survive() -> None:
    text = "10% off, 3-5 days, $19.99, a_b@x.com, カナ, 한국어, Привет, 5 < 6, C++, #42!"
    assert clean(text) == text


@pytest.mark.parametrize("text", ["", "  \n", "\0\x07", "---\n"])
def test_empty_text(text: str) -> None:
    with pytest.raises(TextError, match="empty"):
        clean(text)


def test_long_text() -> None:
    assert clean("a" * LIMIT)
    with pytest.raises(TextError, match="20,000 is the limit"):
        clean("a" * (LIMIT + 1))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello, how are you?", "en-us"),
        ("你好，世界", "cmn"),
        ("WiFi 已连接", "cmn"),
        ("Please type 你好 to begin the lesson", "en-us"),
        ("こんにちは世界", "ja"),
        ("東京タワーへ行きます", "ja"),
        ("안녕하세요", "ko"),
        ("مرحبا بالعالم", "ar"),
        ("Привет, мир", "ru"),
        ("नमस्ते दुनिया", "hi"),
        ("Γειά σου", "el"),
        ("שלום", "he"),
        ("สวัสดี", "th"),
        ("Das ist nicht gut für mich", "de"),
        ("Je ne sais pas où est la gare", "fr-fr"),
        ("¿Dónde está la estación por favor?", "es"),
        ("Non so dove è la stazione, grazie", "it"),
        ("Não sei onde está você", "pt"),
        ("Ik weet niet waar het station is", "nl"),
        ("29.50", "en-us"),
        ("", "en-us"),
    ],
)
def test_languages_are_recognised(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_language_of_sentences() -> None:
    found = [sentence.language for sentence in split(["Das ist nicht gut. Okay. 你好。Danke sehr."])]
    assert found == ["de", "de", "cmn", "de"]
    assert {sentence.language for sentence in split(["Hello there. 你好。"], language="fr")} == {"fr"}
