"""The page without a browser: what its handlers make of a scripted host, and what it is made of."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import socket
import threading
from contextlib import nullcontext, suppress
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from visavis.errors import BackendError, InputError, UnavailableError
from visavis.render.events import ChunkReady, Delta, SpeechReady
from visavis.render.types import Chunk, Clip, TimedWord
from visavis.settings import Settings
from visavis.ui.controls import limits
from visavis.ui.host import Known, Options, Visitor
from visavis.ui.live import Broadcasts
from visavis.ui.rehearsal import Rehearsal

CHOSEN = ("espeak", "auto", "gaussian", 14, "neutral", 1, 1, 1, 1)
"""What is chosen beside the photo."""
ADA = Visitor("shop", "web-" + "a" * 32, "thread-1")
MEMORY = {"id": "m1", "kind": "memory", "text": "I live in Anchorage.", "speaker": "user", "at": "2026-10-03T10:00:00"}
PASSAGE = {
    "id": "k1",
    "kind": "knowledge",
    "text": "Three days.",
    "source": "shop.md",
    "heading": "Delivery",
    "why": "rare",
}


@pytest.fixture
def host(tmp_path):
    return Rehearsal(tmp_path, answer="Yes. It comes on Monday.", recalled=(MEMORY, PASSAGE), size=64)


@pytest.fixture(scope="module")
def one_page():
    """Made inside a running event loop: outside of one Gradio starts some that it never closes."""
    import gradio as gr

    from visavis.ui.blocks import Page

    async def make():
        with gr.Blocks(analytics_enabled=False) as blocks:
            return Page(blocks, Rehearsal(Path()), Settings())

    return asyncio.run(make())


@pytest.fixture
def page(one_page, host, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(one_page, "_host", host)
    return one_page


def ask(page, question, turns=(), *, delivery=None, photo=None, played_s=None):
    return page.answer(question, turns, ADA, delivery, photo, *CHOSEN, played_s)


def last(updates, component):
    """The newest value of *component*; None when it was never updated."""
    values = [each[component] for each in updates if component in each]
    return values[-1] if values else None


# Visitors


def test_a_new_visitor_gets_names_nobody_can_guess():
    first, second = Visitor.arriving("shop"), Visitor.arriving("shop")
    assert first.tenant == "shop"
    assert first.user != second.user
    assert first.thread != second.thread
    assert re.fullmatch(r"web-[0-9a-f]{32}", first.user)


def test_a_visitor_who_comes_back_has_the_same_memory_and_a_new_conversation():
    first = Visitor.arriving("shop")
    again = Visitor.arriving("shop", first.user)
    assert again.user == first.user
    assert again.thread != first.thread


@pytest.mark.parametrize(
    "claim", ["guest", "web-1", "", 7, None, {"user": "x"}, "web-" + "a" * 32 + "\n", "../web-" + "a" * 32]
)
def test_nobody_can_call_himself_what_he_likes(claim):
    assert Visitor.arriving("shop", claim).user != claim


# Answers


def test_an_answer_is_written_remembered_and_filmed(page, host):
    updates = list(ask(page, " Where is it? "))
    assert host.asked == [("Where is it?", ADA, Options(None, *CHOSEN))]
    assert updates[0][page.conversation] == {"turns": [{"role": "user", "text": "Where is it?"}], "busy": True}
    assert updates[0][page.question] == ""
    written = [each[page.conversation]["turns"][1]["text"] for each in updates[1:] if page.conversation in each]
    assert written == sorted(written, key=len)
    assert written[-1] == "Yes. It comes on Monday. "
    assert last(updates, page.turns) == [
        {"role": "user", "text": "Where is it?"},
        {"role": "assistant", "text": written[-1]},
    ]
    assert [row["text"] for row in last(updates, page.recollections)] == ["I live in Anchorage.", "Three days."]
    shown = last(updates, page.stage)
    assert shown["phase"] == "done"
    assert shown["clip"]["path"].endswith(".mp4")
    assert shown["captions"]["path"].endswith(".vtt")
    assert host.interrupted == []


def test_the_first_words_come_before_the_video(page):
    updates = list(ask(page, "Where?"))
    first_words = next(
        k for k, each in enumerate(updates) if len(each.get(page.conversation, {}).get("turns", ())) == 2
    )
    assert first_words < next(k for k, each in enumerate(updates) if each.get(page.stage, {}).get("phase") == "done")


def test_files_are_served_from_copies_not_from_where_they_lie(page, host):
    shown = last(list(ask(page, "Where?")), page.stage)
    assert str(host.folder / "gradio") in shown["clip"]["path"]


def test_a_second_question_follows_the_first(page):
    turns = last(list(ask(page, "One?")), page.turns)
    turns = last(list(ask(page, "Two?", turns)), page.turns)
    assert [turn["text"] for turn in turns if turn["role"] == "user"] == ["One?", "Two?"]
    assert len(turns) == 4


@pytest.mark.parametrize("question", ["", "  \n "])
def test_an_empty_question_is_not_asked(page, host, question):
    assert last(list(ask(page, question)), page.alert) == ["Write something first."]
    assert host.asked == []


def test_an_expected_error_is_one_line_with_its_fix(page, host):
    host.error = BackendError("The voice is missing.", "Install it.")
    updates = list(ask(page, "Where?"))
    assert last(updates, page.alert) == ["The voice is missing. Install it."]
    assert last(updates, page.stage) == {"phase": "idle", "live": ""}


def test_a_defect_is_recorded_and_not_shown(page, host, caplog):
    host.error = ZeroDivisionError("secret detail")
    updates = list(ask(page, "Where?"))
    assert last(updates, page.alert) == ["Something went wrong on our side. It has been noted; please try again."]
    assert "secret detail" in caplog.text


def test_closing_the_answer_closes_the_reply(page, host):
    updates = ask(page, "Where?")
    for _ in range(3):
        next(updates)
    updates.close()
    assert host.interrupted == [None]


def test_stopping_interrupts_the_reply_which_says_what_was_heard(page, host):
    updates = ask(page, "Where?")
    made = [next(updates) for _ in range(3)]
    assert list(page.stopped((), ADA, None, 0.5)) == [{page.stage: {"phase": "idle", "live": ""}}]
    made += updates
    assert host.interrupted == [0.5]
    assert last(made, page.conversation) == {"turns": last(made, page.turns), "busy": False}
    assert last(made, page.turns)[-1] == {"role": "assistant", "text": "As far as —"}
    assert last(made, page.stage)["phase"] == "idle"
    assert last(made, page.delivery) is None


def test_stopping_a_reply_that_is_complete_keeps_what_was_played(page, host):
    made = list(ask(page, "Where?"))
    delivery = last(made, page.delivery)
    updates = list(page.stopped(last(made, page.turns), ADA, delivery, 0.5))
    assert host.shortened == [("Where?", "Yes.")]
    assert [turn["text"] for turn in last(updates, page.turns)] == ["Where?", "Yes. —"]
    assert page.delivery in updates[-1]
    assert last(updates, page.delivery) is None


def test_a_question_that_interrupts_keeps_what_was_played(page, host):
    made = list(ask(page, "Where?"))
    made = list(ask(page, "And when?", last(made, page.turns), delivery=last(made, page.delivery), played_s=0.5))
    assert host.shortened == [("Where?", "Yes.")]
    assert [turn["text"] for turn in last(made, page.turns)][:3] == ["Where?", "Yes. —", "And when?"]


def test_stopping_what_has_been_heard_changes_nothing(page, host):
    made = list(ask(page, "Where?"))
    turns = last(made, page.turns)
    assert last(list(page.stopped(turns, ADA, last(made, page.delivery), None)), page.turns) == turns
    assert host.shortened == []


# Memories


def test_forgetting_asks_the_host_and_shortens_the_lists(page, host):
    import gradio as gr

    host.known = (Known("m1", "city", "Anchorage", "2026-10-03"),)
    host.asked = [("I live in Anchorage.", ADA, Options())]
    assert last(list(page.download(ADA, gr.EventData(None, {"asked": 1}))), page.about)["known"][0] == {
        "id": "m1", "text": "City: Anchorage", "since": "2026-10-03",
    }  # fmt: skip
    updates = list(page.forget(ADA, (MEMORY, PASSAGE), gr.EventData(None, {"id": "m1"})))
    assert host.forgotten == [("m1", ADA)]
    assert [row["id"] for row in last(updates, page.recollections)] == ["k1"]
    assert last(updates, page.recalled) == (PASSAGE,)
    assert last(updates, page.about)["known"] == []


def test_everything_held_can_be_downloaded(page, host):
    import gradio as gr

    host.asked = [("Where?", ADA, Options())]
    updates = list(page.download(ADA, gr.EventData(None, {"asked": 1})))
    assert json.loads(last(updates, page.about)["file"]) == host.export(ADA)


def test_a_visitor_who_is_forgotten_leaves_nothing(page, host):
    from visavis.ui.stage import shelf

    made = list(ask(page, "Where?"))
    assert last(made, page.about)["turns"] == 2
    assert any(shelf(ADA).rglob("*.mp4"))
    updates = list(page.forget_me(ADA))
    assert host.forgotten == [("everything", ADA)]
    assert last(updates, page.about)["turns"] == 0
    assert last(updates, page.about)["forgotten"] == page.known_as.storage_key
    assert not shelf(ADA).parent.exists()


def test_what_was_shown_goes_when_the_visitor_has_left(page):
    from visavis.ui.stage import shelf

    list(ask(page, "Where?"))
    page.left(ADA)
    assert not shelf(ADA).exists()
    page.left(None)


def test_rows_say_where_a_memory_is_from(page):
    from visavis.ui.stage import rows

    mine, looked_up = rows((MEMORY, PASSAGE))
    assert (mine["source"], mine["at"], mine["speaker"]) == ("", "2026-10-03", "user")
    assert (looked_up["source"], looked_up["why"]) == ("shop.md – Delivery", "rare")


# Portraits


def test_a_photo_is_examined_and_shown(page, host, tmp_path):
    updates = list(page.take_photo(str(tmp_path / "me.jpg"), ADA, "before.jpg", *CHOSEN))
    assert last(updates, page.findings) == ("The face is small: the mouth will be blurred.",)
    assert last(updates, page.photo) == str(tmp_path / "me.jpg")
    assert last(updates, page.stage)["still"]["path"].endswith(".png")
    assert host.dropped == [Path("before.jpg")]


def test_a_photo_that_is_none_is_refused_and_the_old_one_stays(page, tmp_path):
    upload = tmp_path / "bad.jpg"
    upload.write_text("hello")
    updates = list(page.take_photo(str(upload), ADA, None, *CHOSEN))
    assert last(updates, page.refusal) == ["bad.jpg is not a picture. Use a JPEG or PNG file."]
    assert page.photo not in updates[-1]
    assert not upload.exists()


def test_the_first_portrait_comes_back(page, host):
    updates = list(page.drop_photo(ADA, "mine.jpg", *CHOSEN))
    assert page.photo in updates[-1]
    assert last(updates, page.photo) is None
    assert host.dropped == [Path("mine.jpg")]


def test_another_blur_shows_another_still(page):
    sharp, blurred = (
        last(list(page.show_still(ADA, None, "espeak", "auto", blur, *CHOSEN[3:])), page.stage)["still"]["path"]
        for blur in ("off", "gaussian")
    )
    assert sharp != blurred


# Controls


def test_the_choices_are_those_of_the_options_in_their_order(one_page):
    assert [each.value for each in one_page.controls.chosen] == [
        getattr(Options(), field.name) for field in fields(Options)[1:]
    ]


@pytest.mark.parametrize(("name", "wanted"), [("radius", (5, 30)), ("head", (0, 2)), ("blink_rate", (0, 3))])
def test_limits_are_those_of_the_settings(name, wanted):
    assert limits(name) == wanted


def test_no_value_outside_its_limits_reaches_a_handler(one_page):
    import gradio as gr

    for control in one_page.controls.chosen:
        if isinstance(control, gr.Slider):
            for value in (control.minimum - 1, control.maximum + 1):
                with pytest.raises(gr.Error):
                    control.preprocess(value)
        elif isinstance(control, gr.Radio):
            with pytest.raises(gr.Error):
                control.preprocess("something else")


# Broadcasts


def chunk(index):
    return ChunkReady(Chunk(bytes([index]), "video/mp4", index, 0.0, 0.5))


def test_a_broadcast_gives_what_is_new():
    broadcasts = Broadcasts()
    with broadcasts.broadcast() as live:
        live.add(chunk(0))
        live.add(Delta("not to be seen"))
        words = (TimedWord("Hello", 0.0, 0.5), TimedWord("there.", 0.5, 1.0))
        live.add(SpeechReady(1, "Hello there.", 2.0, 1.0, words))
        first = asyncio.run(broadcasts.more({"key": live.key}))
        assert first["chunks"] == ["AA=="]
        assert first["cues"] == [{"start_s": 2.0, "end_s": 3.0, "text": "Hello there."}]
        assert (first["mime"], first["ended"]) == ("video/mp4", False)
        live.add(chunk(1))
        assert asyncio.run(broadcasts.more({"key": live.key, "chunks": 1, "cues": 1}))["chunks"] == ["AQ=="]
    assert asyncio.run(broadcasts.more({"key": live.key, "chunks": 2, "cues": 1})) == {
        "mime": "video/mp4", "chunks": [], "cues": [], "ended": True,
    }  # fmt: skip


def test_a_broadcast_waits_for_what_comes_next():
    broadcasts = Broadcasts()
    with broadcasts.broadcast() as live:
        later = threading.Timer(0.15, live.add, [chunk(0)])
        later.start()
        assert asyncio.run(broadcasts.more({"key": live.key}))["chunks"] == ["AA=="]
        later.join()


@pytest.mark.parametrize("ask", [{}, {"key": "guess"}, {"key": None}, {"key": ["x"]}])
def test_without_its_key_there_is_no_broadcast(ask):
    broadcasts = Broadcasts()
    with broadcasts.broadcast():
        assert asyncio.run(broadcasts.more(ask)) is None


def test_broadcasts_leave_the_air(monkeypatch):
    broadcasts = Broadcasts()
    with suppress(ValueError), broadcasts.broadcast() as old:
        raise ValueError
    assert asyncio.run(broadcasts.more({"key": old.key}))["ended"]
    old.ended_s -= 61
    with broadcasts.broadcast():
        assert asyncio.run(broadcasts.more({"key": old.key})) is None


# What the page is made of

ASSETS = sorted(files("visavis.ui").joinpath("assets").iterdir(), key=lambda file: file.name)


@pytest.mark.parametrize("file", ASSETS, ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere(file):
    assert not re.search(r"https?:|//[a-z]+\.", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", [file for file in ASSETS if file.name.endswith(".html")], ids=lambda file: file.name)
def test_templates_are_constant(file):
    """Gradio evaluates them as JavaScript template strings, after Handlebars."""
    assert not re.search(r"\$\{|\{\{|`|<script|\son\w+=", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", [file for file in ASSETS if file.name.endswith(".js")], ids=lambda file: file.name)
def test_scripts_write_text_and_never_html(file):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", file.read_text("utf-8")
    )


def test_the_theme_fetches_no_fonts():
    from visavis.ui.theme import theme

    made = theme()
    assert made._stylesheets == []
    assert "@font-face" not in made._get_theme_css()


async def test_the_page_is_private(host):
    from visavis.ui import build

    page = build(host, Settings())
    config = page.get_config_file()
    assert page.analytics_enabled is False
    assert {each["api_visibility"] for each in config["dependencies"]} == {"private"}
    sent = str(config)
    assert ADA.user not in sent
    assert str(host.folder) not in sent


async def test_a_language_of_the_settings_can_be_chosen(host):
    from visavis.ui import build

    config = build(host, Settings(language="cy")).get_config_file()
    (language,) = [each for each in config["components"] if each["props"].get("label") == "Language of the voice"]
    assert language["props"]["value"] == "cy"
    assert ("cy", "cy") in [tuple(choice) for choice in language["props"]["choices"]]


def test_a_rehearsal_makes_real_media(tmp_path):
    import av

    host = Rehearsal(tmp_path, answer="One. Two three.", size=64)
    events = list(host.reply("Go", ADA, Options()))
    done = events[-1].clip
    assert isinstance(done, Clip)
    with av.open(done.path) as container:
        assert sum(1 for _ in container.decode(video=0)) == done.frames
    assert host.still(Options()).dtype == np.uint8


def test_a_value_out_of_range_is_told(page, host):
    def refuse(*args):
        raise InputError("radius = 31: too large.", "Choose from 5 to 30.")

    page._host = SimpleNamespace(still=refuse)
    assert last(list(page.show_still(ADA, None, *CHOSEN)), page.alert) == [
        "radius = 31: too large. Choose from 5 to 30."
    ]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_port_that_is_taken_is_told(host, monkeypatch):
    """Gradio leaves the socket open with which it found out."""
    from visavis.ui import serve, server

    monkeypatch.setattr(server, "AgentHost", SimpleNamespace(open=lambda *args, **options: nullcontext(host)))
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UnavailableError, match="Choose another --port"),
    ):
        serve(Settings(), port=taken.getsockname()[1])
    gc.collect()
