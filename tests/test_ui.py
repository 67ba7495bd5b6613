"""The page without a browser: what its handlers make of a scripted host, and what it is made of."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import threading
from contextlib import nullcontext, suppress
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from visavis.errors import BackendError, InputError, UnavailableError
from visavis.render.events import ChunkReady, Delta, SpeechReady
from visavis.render.types import Chunk, Clip, TimedWord
from visavis.settings import Settings
from visavis.ui.host import Options, Visitor
from visavis.ui.live import Broadcasts
from visavis.ui.rehearsal import Rehearsal

CHOSEN = (None, "espeak", "auto", "gaussian", 14)
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
    updates = list(page.answer(" Where is it? ", (), ADA, *CHOSEN))
    assert host.asked == [("Where is it?", ADA, Options(None, "espeak", "auto", "gaussian", 14))]
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
    assert host.interrupted == 0


def test_the_first_words_come_before_the_video(page):
    updates = list(page.answer("Where?", (), ADA, *CHOSEN))
    first_words = next(
        k for k, each in enumerate(updates) if len(each.get(page.conversation, {}).get("turns", ())) == 2
    )
    assert first_words < next(k for k, each in enumerate(updates) if each.get(page.stage, {}).get("phase") == "done")


def test_files_are_served_from_copies_not_from_where_they_lie(page, host):
    shown = last(list(page.answer("Where?", (), ADA, *CHOSEN)), page.stage)
    assert str(host.folder / "gradio") in shown["clip"]["path"]


def test_a_second_question_follows_the_first(page):
    turns = last(list(page.answer("One?", (), ADA, *CHOSEN)), page.turns)
    turns = last(list(page.answer("Two?", turns, ADA, *CHOSEN)), page.turns)
    assert [turn["text"] for turn in turns if turn["role"] == "user"] == ["One?", "Two?"]
    assert len(turns) == 4


@pytest.mark.parametrize("question", ["", "  \n "])
def test_an_empty_question_is_not_asked(page, host, question):
    assert last(list(page.answer(question, (), ADA, *CHOSEN)), page.alert) == ["Write something first."]
    assert host.asked == []


def test_an_expected_error_is_one_line_with_its_fix(page, host):
    host.error = BackendError("The voice is missing.", "Install it.")
    updates = list(page.answer("Where?", (), ADA, *CHOSEN))
    assert last(updates, page.alert) == ["The voice is missing. Install it."]
    assert last(updates, page.stage) == {"phase": "idle", "live": ""}
    assert last(updates, page.send).visible
    assert not last(updates, page.stop).visible


def test_a_defect_is_recorded_and_not_shown(page, host, caplog):
    host.error = ZeroDivisionError("secret detail")
    updates = list(page.answer("Where?", (), ADA, *CHOSEN))
    assert last(updates, page.alert) == ["Something went wrong on our side. It has been noted; please try again."]
    assert "secret detail" in caplog.text


def test_closing_the_answer_closes_the_reply(page, host):
    updates = page.answer("Where?", (), ADA, *CHOSEN)
    for _ in range(3):
        next(updates)
    updates.close()
    assert host.interrupted == 1


def test_stopping_keeps_what_was_said(page):
    turns = [{"role": "user", "text": "Where?"}, {"role": "assistant", "text": "It co"}]
    updates = page.stopped(turns)
    assert updates[page.conversation] == {"turns": turns, "busy": False}
    assert updates[page.stage]["phase"] == "idle"


# Memories


def test_forgetting_asks_the_host_and_shortens_the_list(page, host):
    import gradio as gr

    updates = list(page.forget(ADA, (MEMORY, PASSAGE), gr.EventData(None, {"id": "m1"})))
    assert host.forgotten == [("m1", ADA)]
    assert [row["id"] for row in last(updates, page.recollections)] == ["k1"]
    assert last(updates, page.recalled) == (PASSAGE,)


def test_rows_say_where_a_memory_is_from(page):
    from visavis.ui.stage import rows

    mine, looked_up = rows((MEMORY, PASSAGE))
    assert (mine["source"], mine["at"], mine["speaker"]) == ("", "2026-10-03", "user")
    assert (looked_up["source"], looked_up["why"]) == ("shop.md – Delivery", "rare")


# Portraits


def test_a_photo_is_examined_and_shown(page, tmp_path):
    updates = list(page.take_photo(str(tmp_path / "me.jpg"), *CHOSEN[1:]))
    assert last(updates, page.findings) == ("The face is small: the mouth will be blurred.",)
    assert last(updates, page.photo) == str(tmp_path / "me.jpg")
    assert last(updates, page.stage)["still"]["path"].endswith(".png")


def test_a_photo_that_is_none_is_refused_and_the_old_one_stays(page, tmp_path):
    updates = list(page.take_photo(str(tmp_path / "me.txt"), *CHOSEN[1:]))
    assert last(updates, page.alert) == ["me.txt is not a picture. Use a JPEG or PNG file."]
    assert last(updates, page.photo) is None


def test_the_first_portrait_comes_back(page):
    updates = list(page.drop_photo(*CHOSEN[1:]))
    assert page.photo in updates[-1]
    assert last(updates, page.photo) is None


def test_another_blur_shows_another_still(page):
    sharp, blurred = (
        last(list(page.show_still(None, "espeak", "auto", blur, 14)), page.stage)["still"]["path"]
        for blur in ("off", "gaussian")
    )
    assert sharp != blurred


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
    (language,) = [each for each in config["components"] if each["props"].get("label") == "Language"]
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
    assert last(list(page.show_still(None, "espeak", "auto", "gaussian", 31)), page.alert) == [
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
