"""The page: the portrait and what it remembers on one side, the conversation on the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any, Final

import gradio as gr

from ..errors import VisavisError
from ..render.backends import available
from ..render.events import Delta, Done, Recalled
from ..settings import Settings
from .host import Blur, Host, Options, Visitor
from .live import Broadcasts
from .stage import asset, conversation, lines, recollections, rows, scene, stage

_LOG: Final = logging.getLogger(__name__)

_LONGEST: Final = 4_000
"""Characters of a question."""
_TOGETHER: Final = 4
"""Answers made at the same time; further visitors wait in line."""
_STORED_AS: Final = "visavis-visitor"
"""Where the browser keeps the visitor's name; Gradio wants to scramble it, which protects nobody from themselves."""
_DAY_S: Final = 86_400
_LANGUAGES: Final = [
    ("As written", "auto"), ("English", "en-us"), ("English (British)", "en-gb"), ("中文", "cmn"), ("Español", "es"),
    ("Français", "fr-fr"), ("Deutsch", "de"), ("Italiano", "it"), ("Português", "pt"), ("日本語", "ja"), ("العربية", "ar"),
]  # fmt: skip
_BLURS: Final = [("Off", "off"), ("Gaussian", "gaussian"), ("Guided", "guided"), ("Depth", "depth")]
_DEFECT: Final = "Something went wrong on our side. It has been noted; please try again."

Turn = dict[str, str]
"""role and text."""
Updates = dict[Any, Any]
"""New values by component; components that are left out stay as they are."""


def build(host: Host, settings: Settings) -> gr.Blocks:
    """The page as Gradio blocks, answered by *host*, with what *settings* says chosen. Nothing is kept between visitors."""
    page = gr.Blocks(title="visavis", analytics_enabled=False, fill_width=True, delete_cache=(_DAY_S // 24, _DAY_S))
    with page:
        Page(page, host, settings)
    page.queue(default_concurrency_limit=_TOGETHER)
    return page


def _told(handler: Callable[..., Iterator[Updates]]) -> Callable[..., Iterator[Updates]]:
    """*handler* of a ``Page``, with its errors as a line on the page: the outermost place an error can reach."""

    @wraps(handler)
    def told(page: Page, *given: Any) -> Iterator[Updates]:
        try:
            yield from handler(page, *given)
        except VisavisError as error:
            yield {page.alert: [str(error)]}
        except Exception:  # noqa: BLE001 - recorded, and told as a defect
            _LOG.exception("A handler of the page failed.")
            yield {page.alert: [_DEFECT]}

    return told


class Page:
    """The components, and what happens when they are used. Whatever belongs to a visitor lives in Gradio's session state."""

    def __init__(self, page: gr.Blocks, host: Host, settings: Settings) -> None:
        self._host = host
        self._settings = settings
        self._broadcasts = Broadcasts()

        self.known_as = gr.BrowserState(None, storage_key=_STORED_AS, secret=_STORED_AS)
        self.visitor = gr.State(None)
        self.photo = gr.State(None)
        self.turns = gr.State(())
        self.recalled = gr.State(())
        gr.HTML(asset("header.html"), apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="vv-page"):
            with gr.Column(elem_id="vv-side", min_width=0):
                self.stage = stage(self._broadcasts)
                self.recollections = recollections()
            with gr.Column(elem_id="vv-main", min_width=0):
                with gr.Column(elem_id="vv-talk"):
                    self._lay_out_talk()
                self._lay_out_settings()
        self._connect(page)

    def _lay_out_talk(self) -> None:
        self.conversation = conversation()
        self.alert = lines("alert")
        with gr.Row(elem_id="vv-ask"):
            self.question = gr.Textbox(
                label="Your message", show_label=False, placeholder="Say something …", lines=1, max_lines=5,
                max_length=_LONGEST, autofocus=True, scale=1, container=False, elem_id="vv-question",
            )  # fmt: skip
            self.send = gr.Button("Send", variant="primary", scale=0, min_width=88, elem_id="vv-send")
            self.stop = gr.Button("Stop", variant="stop", scale=0, min_width=88, visible=False, elem_id="vv-stop")

    def _lay_out_settings(self) -> None:
        chosen = self._settings
        voices = [name for name, missing in available("voice").items() if not missing]
        languages = _LANGUAGES
        if chosen.language not in (tag for _, tag in languages):
            languages = [*languages, (chosen.language, chosen.language)]
        with gr.Accordion("Portrait, voice and background", open=False, elem_id="vv-settings"):
            with gr.Row():
                self.upload = gr.UploadButton("Use your own photo", file_types=["image"], size="sm", scale=0)
                self.default = gr.Button("Back to the first portrait", size="sm", visible=False, scale=0)
            self.findings = lines("status")
            with gr.Row():
                self.language = gr.Dropdown(languages, value=chosen.language, label="Language")
                self.voice = gr.Dropdown(voices, value=chosen.voice, label="Voice", visible=len(voices) > 1)
            self.blur = gr.Radio(_BLURS, value=chosen.blur, label="Background blur")
            self.radius = gr.Slider(5, 30, value=chosen.radius, step=1, label="Blur radius")

    def _connect(self, page: gr.Blocks) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        options = [self.photo, self.voice, self.language, self.blur, self.radius]
        looks = [self.stage, self.alert]
        ready = [self.stage, self.conversation, self.turns, self.send, self.stop]
        answered = [*ready, self.question, self.recollections, self.recalled, self.alert]

        page.load(self.arrive, [self.known_as], [self.known_as, self.visitor], **quiet)
        page.load(self.show_still, options, looks, **quiet)
        answering = gr.on(
            [self.question.submit, self.send.click],
            self.answer,
            [self.question, self.turns, self.visitor, *options],
            answered,
            concurrency_limit=_TOGETHER,
            **quiet,
        )
        self.stop.click(self.stopped, [self.turns], ready, cancels=[answering], **quiet)
        self.recollections.forget(
            self.forget, [self.visitor, self.recalled], [self.recollections, self.recalled, self.alert], **quiet
        )
        self.upload.upload(
            self.take_photo, [self.upload, *options[1:]], [*looks, self.photo, self.findings, self.default], **quiet
        )
        self.default.click(self.drop_photo, options[1:], [*looks, self.photo, self.findings, self.default], **quiet)
        for change in (self.blur.input, self.radius.release):
            change(self.show_still, options, looks, trigger_mode="always_last", **quiet)

    # What happens

    def arrive(self, known_as: object) -> Updates:
        visitor = Visitor.arriving(self._settings.tenant, known_as)
        return {self.known_as: visitor.user, self.visitor: visitor}

    @_told
    def answer(self, question: str, turns: Sequence[Turn], visitor: Visitor | None, *chosen: Any) -> Iterator[Updates]:
        question = question.strip()
        if not question:
            yield {self.alert: ["Write something first."]}
            return
        visitor = visitor or Visitor.arriving(self._settings.tenant)
        try:
            yield from self._performed(question, turns, visitor, _options(*chosen))
        except Exception:
            yield {self.stage: scene("idle"), **self._ready()}
            raise

    def _performed(self, question: str, turns: Sequence[Turn], visitor: Visitor, options: Options) -> Iterator[Updates]:
        turns = [*turns, {"role": "user", "text": question}]
        answer: list[Turn] = []
        with self._broadcasts.broadcast() as live, closing(self._host.reply(question, visitor, options)) as events:
            yield {
                **self._said(turns, busy=True),
                self.question: "",
                self.alert: [],
                self.stage: scene("thinking", live=live.key),
                self.send: gr.Button(visible=False),
                self.stop: gr.Button(visible=True),
            }
            for event in events:
                live.add(event)
                match event:
                    case Recalled(items):
                        yield {self.recollections: rows(items), self.recalled: items}
                    case Delta(text):
                        answer = [{"role": "assistant", "text": "".join([*(each["text"] for each in answer), text])}]
                        yield self._said([*turns, *answer], busy=True)
                    case Done(clip):
                        yield {self.stage: scene("done", live=live.key, clip=clip)}
        yield {**self._said([*turns, *answer]), **self._ready()}

    def stopped(self, turns: Sequence[Turn]) -> Updates:
        return {self.stage: scene("idle"), **self._said(turns), **self._ready()}

    def _said(self, turns: Sequence[Turn], *, busy: bool = False) -> Updates:
        return {self.conversation: {"turns": turns, "busy": busy}, self.turns: turns}

    def _ready(self) -> Updates:
        return {self.send: gr.Button(visible=True), self.stop: gr.Button(visible=False)}

    @_told
    def show_still(self, *chosen: Any) -> Iterator[Updates]:
        yield {self.stage: scene("idle", still=self._host.still(_options(*chosen))), self.alert: []}

    @_told
    def forget(self, visitor: Visitor, recalled: Sequence[Mapping[str, Any]], event: gr.EventData) -> Iterator[Updates]:
        self._host.forget(str(event.id), visitor)
        left = tuple(item for item in recalled if item.get("id") != event.id)
        yield {self.recollections: rows(left), self.recalled: left, self.alert: []}

    @_told
    def take_photo(self, photo: str, *chosen: Any) -> Iterator[Updates]:
        findings = self._host.examine(Path(photo))
        still = self._host.still(_options(photo, *chosen))
        yield {
            self.stage: scene("idle", still=still),
            self.photo: photo,
            self.findings: findings.advice or ["A good photo: one face, well lit."],
            self.default: gr.Button(visible=True),
            self.alert: [],
        }

    @_told
    def drop_photo(self, *chosen: Any) -> Iterator[Updates]:
        yield {
            self.stage: scene("idle", still=self._host.still(_options(None, *chosen))),
            self.photo: None,
            self.findings: [],
            self.default: gr.Button(visible=False),
            self.alert: [],
        }


def _options(photo: str | None, voice: str, language: str, blur: Blur, radius: float) -> Options:
    return Options(Path(photo) if photo else None, voice, language, blur, radius)
