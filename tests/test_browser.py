"""The page in Chromium, answered by a rehearsal: what a visitor sees, hears and can do."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from visavis.settings import Settings
from visavis.ui import build
from visavis.ui.host import Known, Options
from visavis.ui.rehearsal import Rehearsal

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Gradio's server, which runs beside the tests, has some
]

EVIL = "<img src=x onerror=\"document.title='owned'\"> ${document.title='owned'} {{title}} `<b>"
MEMORY = {"id": "m1", "kind": "memory", "text": f"I live in Anchorage. {EVIL}", "speaker": "user", "at": "2026-10-03"}
PASSAGE = {"id": "k1", "kind": "knowledge", "text": "Parcels take three days.", "source": "shop.md"}
PLAYING = "(() => { const v = document.querySelector('video'); return !v.paused && v.currentTime > 0.3 })()"
ENDED = "document.querySelector('video').ended"


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        # Chromium refuses to start as root, which containers are, with its sandbox.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def free_port():
    """Gradio's own search leaves the sockets of ports that are taken to the garbage collector, which warns in any test."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The page on a free port of this machine."""
    from visavis.ui.theme import launch_options

    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "gradio"))
        rehearsal = Rehearsal(folder)

        async def launched():
            blocks = build(rehearsal, Settings())
            blocks.launch(
                server_name="127.0.0.1",
                server_port=free_port(),
                prevent_thread_lock=True,
                quiet=True,
                share=False,
                **launch_options(),
            )
            return blocks

        # Playwright runs an event loop in this thread; Gradio wants one of its own.
        with ThreadPoolExecutor(1) as thread:
            blocks = thread.submit(lambda: asyncio.run(launched())).result()
        yield blocks.local_url, rehearsal
        blocks.close()


@pytest.fixture
def host(site, tmp_path):
    """The rehearsal behind the page, as it was at first."""
    fresh = Rehearsal(tmp_path, answer="Yes. It comes on Monday.", recalled=(MEMORY, PASSAGE), size=128)
    rehearsal = site[1]
    for name in Rehearsal.__slots__:
        setattr(rehearsal, name, getattr(fresh, name))
    return rehearsal


class Visit:
    """One visitor in front of the page."""

    def __init__(self, context, url):
        self.page = context.new_page()
        self.elsewhere, self.errors = [], []
        self.page.on("request", lambda request: self._note(request.url, url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.set_default_timeout(20_000)
        self.page.goto(url)
        self.page.locator("[data-role=still]").wait_for()

    def _note(self, requested, url):
        if not requested.startswith((url, "data:", "blob:")):
            self.elsewhere.append(requested)

    def say(self, text):
        self.page.get_by_label("Your message").fill(text)
        self.page.keyboard.press("Enter")

    def wait(self, script):
        self.page.wait_for_function(script)

    def answered(self, count=1):
        self.wait(f"document.querySelectorAll('.vv-log[aria-busy=false] .vv-assistant').length === {count}")

    def picture(self):
        """The name of the portrait at rest, which Gradio makes from its content."""
        return self.page.locator("[data-role=still]").get_attribute("src").split("/")[-2]

    @property
    def log(self):
        return self.page.get_by_role("log")


@pytest.fixture
def visit(browser, site, host):
    contexts = []

    def visit(context=None, **options):
        if context is None:
            context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
            contexts.append(context)
        return Visit(context, site[0])

    yield visit
    for context in contexts:
        context.close()


def test_an_answer_plays_by_itself_with_sound_and_captions(visit):
    visitor = visit()
    visitor.say("Where is it?")
    visitor.wait(PLAYING)
    video = visitor.page.locator("video")
    assert video.evaluate("video => !video.muted && video.volume === 1")
    assert video.evaluate("video => video.src").startswith("blob:"), "played while it was being made"
    visitor.page.locator("[data-role=caption]", has_text="It comes on Monday.").wait_for()
    visitor.wait(ENDED)
    assert video.evaluate("video => video.webkitAudioDecodedByteCount") > 1000
    assert video.evaluate("video => video.duration") == pytest.approx((1 + 4) * 0.32, abs=0.08)
    assert "It comes on Monday." in visitor.log.inner_text()
    visitor.page.get_by_role("button", name="Play again").click()
    visitor.wait(PLAYING)
    assert visitor.page.get_by_role("link", name="Save video").get_attribute("href").endswith(".mp4")
    assert (visitor.errors, visitor.elsewhere) == ([], [])


def test_the_words_come_before_the_video(visit, host):
    host.pace_s = 1.0
    visitor = visit()
    visitor.say("Where is it?")
    visitor.log.get_by_text("Yes.").wait_for()
    assert visitor.page.locator("video").is_hidden()
    assert visitor.page.get_by_text("Thinking …").is_visible()


@pytest.mark.parametrize(
    "obstacle", ["delete window.MediaSource", "MediaSource.prototype.addSourceBuffer = () => { throw Error() }"]
)
def test_without_media_source_the_finished_video_plays(visit, browser, obstacle):
    context = browser.new_context()
    context.add_init_script(obstacle)
    visitor = visit(context)
    visitor.say("Where is it?")
    visitor.wait(PLAYING)
    assert visitor.page.locator("video").evaluate("video => video.src").endswith(".mp4")
    visitor.page.locator("[data-role=caption]", has_text="It comes on Monday.").wait_for()
    context.close()


def test_what_anybody_writes_is_text(visit, host):
    host.answer = f"No. {EVIL}"
    visitor = visit()
    visitor.say(EVIL)
    visitor.wait(ENDED)
    said = visitor.log.locator("li").all_inner_texts()
    assert [text.split("\n")[-1].strip() for text in said] == [EVIL, f"No. {EVIL}"]
    assert visitor.page.locator("#recollections li").first.inner_text().startswith(MEMORY["text"])
    assert visitor.page.title() == "visavis"
    assert visitor.page.locator(".vv-log img, #recollections img, .vv-caption img").count() == 0


def test_a_memory_is_listed_with_its_source_and_can_be_forgotten(visit, host):
    visitor = visit()
    visitor.say("Where is it?")
    rows = visitor.page.locator("#recollections li")
    rows.nth(1).wait_for()
    assert "you said · 2026-10-03" in rows.nth(0).inner_text()
    assert "looked up · shop.md" in rows.nth(1).inner_text()
    assert rows.nth(1).get_by_role("button").count() == 0, "what everybody may know is not the visitor's to forget"
    visitor.wait(ENDED)
    rows.nth(0).get_by_role("button", name=re.compile("^Forget: I live")).click()
    visitor.wait("document.querySelectorAll('#recollections li').length === 1")
    ((memory, whose),) = host.forgotten
    assert memory == "m1"
    assert whose == host.asked[0][1]


def test_stop_interrupts_the_answer(visit, host):
    host.answer = "One. Two. Three. Four. Five. Six."
    host.pace_s = 0.25
    visitor = visit()
    visitor.say("Count.")
    visitor.wait(PLAYING)
    send, stop = (visitor.page.get_by_role("button", name=name) for name in ("Send", "Stop"))
    assert send.is_hidden()
    stop.click()
    send.wait_for()
    assert stop.is_hidden()
    visitor.wait("document.querySelector('video').hidden")
    visitor.log.get_by_text("As far as —").wait_for()
    (played_s,) = host.interrupted
    assert 0.3 < played_s < 1.9, "where the video was, not how much of it there is"
    host.pace_s = 0
    visitor.say("Again.")
    visitor.wait(PLAYING)
    visitor.answered(2)
    assert [text for text, _, _ in host.asked] == ["Count.", "Again."]


def test_stop_cuts_an_answer_that_is_complete_but_not_yet_heard(visit, host):
    host.answer = "One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten."
    visitor = visit()
    visitor.say("Count.")
    visitor.wait(PLAYING)
    visitor.page.get_by_role("link", name="Save video").wait_for()
    visitor.page.get_by_role("button", name="Stop").click()
    visitor.log.locator("li", has_text=re.compile("One.* —$")).wait_for()
    ((question, heard),) = host.shortened
    assert question == "Count."
    assert heard.startswith("One.")
    assert "Ten." not in heard
    assert visitor.log.locator("li").last.inner_text().endswith(f"{heard} —")
    assert host.interrupted == []


def test_stop_leaves_an_answer_that_is_played_again(visit, host):
    visitor = visit()
    visitor.say("Where is it?")
    visitor.wait(ENDED)
    visitor.page.get_by_role("button", name="Play again").click()
    visitor.wait(PLAYING)
    visitor.page.get_by_role("button", name="Stop").click()
    visitor.wait("document.querySelector('video').hidden")
    visitor.page.get_by_role("button", name="Send").wait_for()
    assert host.shortened == []
    assert "It comes on Monday." in visitor.log.inner_text()


def test_everything_known_can_be_seen_saved_and_forgotten(visit, host):
    host.known = (Known("f1", "city", f"Anchorage {EVIL}", "2026-10-03"), Known("f2", "name", "Ada", "2026-10-03"))
    visitor = visit()
    page = visitor.page
    visitor.say("Where is it?")
    visitor.wait(ENDED)
    page.get_by_role("heading", name="What I know about you").click()
    about = page.locator("#about")
    about.get_by_text(f"City: Anchorage {EVIL}").wait_for()
    about.get_by_text("2 messages of ours are kept").wait_for()
    about.get_by_role("button", name=re.compile("^Forget: Name: Ada")).click()
    visitor.wait("document.querySelectorAll('#about li').length === 1")
    assert host.forgotten == [("f2", host.asked[0][1])]
    for _ in range(2):
        with page.expect_download() as saved:
            about.get_by_role("button", name="Download it all").click()
        assert json.loads(saved.value.path().read_text())["turns"] == ["Where is it?"]

    about.get_by_role("button", name="Forget me …").click()
    dialog = page.get_by_role("dialog", name="Forget you?")
    dialog.get_by_role("button", name="Keep them").click()
    dialog.wait_for(state="hidden")
    assert ("everything", host.asked[0][1]) not in host.forgotten
    assert visitor.errors == []
    about.get_by_role("button", name="Forget me …").click()
    dialog.get_by_role("button", name="Forget me").click()
    about.get_by_text("Everything about you is deleted.").wait_for()
    assert host.forgotten[-1] == ("everything", host.asked[0][1])
    assert visitor.log.locator("li").count() == 0
    assert page.locator("video").is_hidden()
    visitor.say("Who am I?")
    visitor.answered()
    before, after = (whose.user for _, whose, _ in host.asked)
    assert before != after


def test_forgetting_in_the_middle_of_an_answer_leaves_nothing_on_the_page(visit, host):
    host.answer = "One. Two. Three. Four. Five. Six. Seven. Eight."
    visitor = visit()
    visitor.say("Hello.")
    visitor.wait(ENDED)
    host.pace_s = 0.25
    visitor.say("Count.")
    visitor.wait(PLAYING)
    visitor.page.get_by_role("heading", name="What I know about you").click()
    visitor.page.get_by_role("button", name="Forget me …").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Forget me").click()
    visitor.page.get_by_text("Everything about you is deleted.").wait_for()
    visitor.page.wait_for_timeout(1500)
    assert visitor.log.locator("li").count() == 0
    assert visitor.page.locator("video").is_hidden()


def test_an_error_is_one_line_and_the_page_goes_on(visit, host):
    from visavis.errors import BackendError

    host.error = BackendError("The voice is missing.", "Install it.")
    visitor = visit()
    visitor.say("Where is it?")
    alert = visitor.page.get_by_role("alert")
    alert.get_by_text("The voice is missing. Install it.").wait_for()
    assert "Traceback" not in visitor.page.inner_text("body")
    host.error = None
    visitor.say("And now?")
    visitor.wait(PLAYING)
    assert alert.is_hidden()


def test_visitors_are_strangers_to_each_other(visit, host):
    ada, bob = visit(), visit()
    ada.say("I am Ada.")
    ada.answered()
    bob.say("I am Bob.")
    bob.answered()
    assert "Ada" not in bob.page.inner_text("body")
    again = visit(ada.page.context)
    assert "Ada" not in again.log.inner_text(), "a new visit is a new conversation"
    again.say("It is me.")
    again.answered()
    first, stranger, second = (visitor for _, visitor, _ in host.asked)
    assert first.user != stranger.user
    assert first.user == second.user
    assert len({first.thread, stranger.thread, second.thread}) == 3


def test_a_photo_can_be_given_and_taken_back(visit, host, tmp_path):
    visitor = visit()
    page = visitor.page
    before = visitor.picture()
    page.get_by_role("button", name="Look and manner").click()
    photo = tmp_path / "me.png"
    photo.write_bytes(b"not looked at by the rehearsal")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Use your own photo").click()
    chooser.value.set_files(photo)
    page.get_by_text("The face is small: the mouth will be blurred.").wait_for()
    visitor.say("Who am I?")
    visitor.answered()
    assert host.asked[0][2].portrait.name == "me.png"
    page.get_by_role("button", name="Back to the first portrait").click()
    page.get_by_text("The face is small").wait_for(state="hidden")
    assert visitor.picture() == before


def test_a_bad_photo_is_one_line_where_it_was_chosen(visit, host, tmp_path):
    visitor = visit()
    page = visitor.page
    before = visitor.picture()
    page.get_by_role("button", name="Look and manner").click()
    bad, huge = tmp_path / "bad.jpg", tmp_path / "huge.png"
    bad.write_text("hello")
    with huge.open("wb") as file:
        file.truncate(50_000_000)
    for photo, told in (
        (bad, "bad.jpg is not a picture. Use a JPEG or PNG file."),
        (huge, "maximum allowed size of 40"),
    ):
        page.locator("#vv-settings input[type=file]").first.set_input_files(photo)
        page.get_by_text(told).wait_for()
    assert visitor.picture() == before
    visitor.say("Where is it?")
    visitor.answered()
    assert host.asked[0][2].portrait is None


def test_look_and_manner_are_chosen_for_the_next_answer(visit, host):
    visitor = visit()
    page = visitor.page
    before = page.locator("[data-role=still]").get_attribute("src")
    page.get_by_role("button", name="Look and manner").click()
    page.get_by_role("radio", name="Off").check()
    visitor.wait(f"document.querySelector('[data-role=still]').src !== {before!r}")
    page.get_by_role("radio", name="Friendly").check()
    head = page.get_by_label("number input for Head")
    head.fill("99")
    head.press("Tab")
    page.get_by_label("number input for Blinking").fill("0.5")
    page.get_by_label("number input for Blinking").press("Tab")
    assert head.input_value() == "2", "as far as the control goes"
    visitor.say("And now?")
    visitor.answered()
    assert host.asked[0][2] == Options(blur="off", mood="friendly", head=2, blink_rate=0.5)


def test_it_can_be_used_with_the_keyboard_alone(visit, host):
    visitor = visit()
    page = visitor.page
    page.get_by_label("Your message").focus()
    page.keyboard.type("Where is it?")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Send"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    visitor.wait(PLAYING)
    page.locator("video").focus()
    page.keyboard.press(" ")
    visitor.wait("document.querySelector('video').paused")


def test_everything_has_a_name(visit):
    visitor = visit()
    visitor.say("Where is it?")
    visitor.answered()
    visitor.page.get_by_role("button", name="Look and manner").click()
    nameless = visitor.page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, textarea, video, img")]
            .filter((each) => each.checkVisibility())
            .filter((each) => !(each.innerText || each.ariaLabel || each.alt || each.title || each.labels?.length))
            .map((each) => each.outerHTML.slice(0, 200))"""
    )
    assert nameless == []


@pytest.mark.parametrize(("width", "scheme"), [(400, "light"), (1280, "dark")])
def test_it_fits_the_window(visit, width, scheme):
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    visitor.say("A" * 300)
    visitor.wait(PLAYING)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:
        assert visitor.page.evaluate("document.documentElement.scrollHeight") <= 800
    background = visitor.page.evaluate("getComputedStyle(document.querySelector('gradio-app')).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) > 384) == (scheme == "light")
