"""The page in Chromium, answered by a rehearsal: what a visitor sees, hears and can do."""

from __future__ import annotations

import asyncio
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from visavis.settings import Settings
from visavis.ui import build
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
                server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, share=False, **launch_options()
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
    visitor.page.get_by_role("button", name="Stop").click()
    visitor.page.get_by_role("button", name="Send").wait_for()
    visitor.wait("document.querySelector('video').hidden")
    assert "One." in visitor.log.inner_text()
    for _ in range(100):
        if host.interrupted:
            break
        visitor.page.wait_for_timeout(100)
    assert host.interrupted == 1
    visitor.say("Again.")
    visitor.wait(PLAYING)
    assert [text for text, _, _ in host.asked] == ["Count.", "Again."]


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
    before = page.locator("[data-role=still]").get_attribute("src")
    page.get_by_role("button", name="Portrait, voice and background").click()
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
    assert page.locator("[data-role=still]").get_attribute("src") == before


def test_blur_is_chosen_and_shown(visit, host):
    visitor = visit()
    page = visitor.page
    before = page.locator("[data-role=still]").get_attribute("src")
    page.get_by_role("button", name="Portrait, voice and background").click()
    page.get_by_role("radio", name="Off").check()
    visitor.wait(f"document.querySelector('[data-role=still]').src !== {before!r}")
    visitor.say("And now?")
    visitor.answered()
    assert host.asked[0][2].blur == "off"


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
    visitor.page.get_by_role("button", name="Portrait, voice and background").click()
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
