"""The page: the portrait and what it knows on one side, the conversation on the other."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any, Final

import gradio as gr

from ..agent.heard import CUT, Delivery
from ..errors import InputError, VisavisError
from ..render.events import Delta, Done, Interrupted, Recalled
from ..settings import Settings
from .controls import Controls
from .host import Host, Options, Visitor
from .live import Broadcasts
from .stage import about, asset, clear, conversation, lines, profile, recollections, rows, scene, shelf, stage

_LOG: Final = logging.getLogger(__name__)

_LONGEST: Final = 4_000
"""Characters of a question."""
_TOGETHER: Final = 4
"""Answers made at the same time; further visitors wait in line."""
_STORED_AS: Final = "visavis-visitor"
"""Where the browser keeps the visitor's name; Gradio wants to scramble it, which protects nobody from themselves."""
_DAY_S: Final = 86_400
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
        self.visitor = gr.State(None, delete_callback=self.left)
        self.photo = gr.State(None, delete_callback=self.drop)
        self.turns = gr.State(())
        self.delivery = gr.State(None)
        self.recalled = gr.State(())
        self.played_s = gr.Number(visible=False)
        gr.HTML(asset("header.html"), apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="vv-page"):
            with gr.Column(elem_id="vv-side", min_width=0):
                self.stage = stage(self._broadcasts)
                self.recollections = recollections()
                self.about = about()
            with gr.Column(elem_id="vv-main", min_width=0):
                with gr.Column(elem_id="vv-talk"):
                    self._lay_out_talk()
                with gr.Accordion("Look and manner", open=False, elem_id="vv-settings"):
                    self._lay_out_photo()
                    self.controls = Controls(settings)
        self._connect(page)

    def _lay_out_talk(self) -> None:
        self.conversation = conversation()
        self.alert = lines("alert", "alert")
        with gr.Row(elem_id="vv-ask"):
            self.question = gr.Textbox(
                label="Your message", show_label=False, placeholder="Say something …", lines=1, max_lines=5,
                max_length=_LONGEST, autofocus=True, scale=1, container=False, elem_id="vv-question",
            )  # fmt: skip
            self.send = gr.Button("Send", variant="primary", scale=0, min_width=88, elem_id="vv-send")
            self.stop = gr.Button("Stop", variant="stop", scale=0, min_width=88, elem_id="vv-stop")

    def _lay_out_photo(self) -> None:
        with gr.Row():
            self.upload = gr.UploadButton("Use your own photo", file_types=["image"], size="sm", scale=0)
            self.default = gr.Button("Back to the first portrait", size="sm", visible=False, scale=0)
        self.refusal = lines("refusal", "alert")
        self.findings = lines("findings", "status")

    def _connect(self, page: gr.Blocks) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        chosen = self.controls.chosen
        said = [self.conversation, self.turns]
        known = [self.recollections, self.recalled, self.about, self.alert]
        pictured = [self.stage, self.photo, self.findings, self.default, self.refusal, self.alert]
        heard: dict[str, Any] = {"js": asset("played.js"), **quiet}

        page.load(self.arrive, [self.known_as], [self.known_as, self.visitor, self.about], **quiet)
        page.load(self.show_still, [self.visitor, self.photo, *chosen], [self.stage, self.alert], **quiet)
        gr.on(
            [self.question.submit, self.send.click],
            self.answer,
            [self.question, self.turns, self.visitor, self.delivery, self.photo, *chosen, self.played_s],
            [self.stage, *said, self.visitor, self.delivery, self.question, *known],
            concurrency_limit=_TOGETHER,
            **heard,
        )
        self.stop.click(
            self.stopped,
            [self.turns, self.visitor, self.delivery, self.played_s],
            [self.stage, *said, self.delivery, self.alert],
            **heard,
        )
        for each in (self.recollections, self.about):
            each.forget(self.forget, [self.visitor, self.recalled], known, **quiet)
        self.about.download(self.download, [self.visitor], [self.about, self.alert], **quiet)
        self.about.forget_me(self.forget_me, [self.visitor], [self.about, self.alert], **quiet)
        self.upload.upload(self.take_photo, [self.upload, self.visitor, self.photo, *chosen], pictured, **quiet)
        self.default.click(self.drop_photo, [self.visitor, self.photo, *chosen], pictured, **quiet)
        for control in chosen:
            change = control.release if isinstance(control, gr.Slider) else control.input
            change(
                self.show_still,
                [self.visitor, self.photo, *chosen],
                [self.stage, self.alert],
                trigger_mode="always_last",
                **quiet,
            )

    # Coming and going

    def arrive(self, known_as: object) -> Updates:
        visitor = Visitor.arriving(self._settings.tenant, known_as)
        return {self.known_as: visitor.user, self.visitor: visitor, self.about: profile(self._host.held(visitor))}

    def left(self, visitor: Visitor | None) -> None:
        """Gradio calls it when the visitor has been away for an hour."""
        if visitor:
            clear(shelf(visitor))

    def drop(self, photo: str | None) -> None:
        if photo:
            self._host.drop(Path(photo))

    # Talking

    @_told
    def answer(
        self,
        question: str,
        turns: Sequence[Turn],
        visitor: Visitor | None,
        delivery: Delivery | None,
        photo: str | None,
        *chosen: Any,
    ) -> Iterator[Updates]:
        *options, played_s = chosen
        question = question.strip()
        if not question:
            yield {self.alert: ["Write something first."]}
            return
        visitor = visitor or Visitor.arriving(self._settings.tenant)
        try:
            turns = self._as_heard(turns, visitor, delivery, played_s)
            yield from self._performed(question, turns, visitor, _options(photo, *options))
        except Exception:
            yield {self.stage: scene("idle")}
            raise

    def _performed(self, question: str, turns: Sequence[Turn], visitor: Visitor, options: Options) -> Iterator[Updates]:
        turns = [*turns, {"role": "user", "text": question}]
        answer: list[Turn] = []
        delivery = Delivery()
        with self._broadcasts.broadcast() as live, closing(self._host.reply(question, visitor, options)) as events:
            yield {
                **self._said(turns, busy=True),
                self.question: "",
                self.alert: [],
                self.visitor: visitor,
                self.delivery: None,
                self.stage: scene("thinking", live=live.key),
            }
            for event in events:
                live.add(event)
                delivery.note(event)
                match event:
                    case Recalled(items):
                        yield {self.recollections: rows(items), self.recalled: items}
                    case Delta(text):
                        answer = [_answer("".join([*(each["text"] for each in answer), text]))]
                        yield self._said([*turns, *answer], busy=True)
                    case Interrupted(heard):
                        answer = [_answer(heard + CUT)]
                        yield {self.stage: scene("idle")}
                    case Done(clip):
                        yield {self.stage: scene("done", shelf(visitor), live=live.key, clip=clip)}
        yield {
            **self._said([*turns, *answer]),
            self.delivery: delivery if delivery.complete else None,
            self.about: profile(self._host.held(visitor)),
        }

    @_told
    def stopped(
        self, turns: Sequence[Turn], visitor: Visitor, delivery: Delivery | None, played_s: float | None
    ) -> Iterator[Updates]:
        yield {self.stage: scene("idle")}
        if not self._host.interrupt(visitor, played_s):
            yield {**self._said(self._as_heard(turns, visitor, delivery, played_s)), self.delivery: None}

    def _as_heard(
        self, turns: Sequence[Turn], visitor: Visitor, delivery: Delivery | None, played_s: float | None
    ) -> Sequence[Turn]:
        """*turns* without what was not *played_s* (None: nothing was stopped) of the last, completely delivered answer."""
        if delivery is None or played_s is None:
            return turns
        delivery.played_s = played_s
        *before, question, _ = turns
        self._host.shorten(visitor, question["text"], delivery.heard)
        return [*before, question, _answer(delivery.heard + CUT)]

    def _said(self, turns: Sequence[Turn], *, busy: bool = False) -> Updates:
        return {self.conversation: {"turns": turns, "busy": busy}, self.turns: turns}

    # Remembering

    @_told
    def forget(self, visitor: Visitor, recalled: Sequence[Mapping[str, Any]], event: gr.EventData) -> Iterator[Updates]:
        self._host.forget(str(event.id), visitor)
        left = tuple(item for item in recalled if item.get("id") != event.id)
        yield {
            self.recollections: rows(left),
            self.recalled: left,
            self.about: profile(self._host.held(visitor)),
            self.alert: [],
        }

    @_told
    def download(self, visitor: Visitor, event: gr.EventData) -> Iterator[Updates]:
        held = profile(self._host.held(visitor), self._host.export(visitor))
        yield {
            self.about: {**held, "asked": event.asked},
            self.alert: [],
        }  # a value that is the same would not be noticed

    @_told
    def forget_me(self, visitor: Visitor) -> Iterator[Updates]:
        self._host.forget_everything(visitor)
        clear(shelf(visitor).parent)
        yield {self.about: {**profile(self._host.held(visitor)), "forgotten": _STORED_AS}}

    # Portraits

    @_told
    def show_still(self, visitor: Visitor | None, photo: str | None, *chosen: Any) -> Iterator[Updates]:
        still = self._host.still(_options(photo, *chosen))
        yield {self.stage: scene("still", shelf(visitor) if visitor else None, still=still), self.alert: []}

    @_told
    def take_photo(self, upload: str, visitor: Visitor, before: str | None, *chosen: Any) -> Iterator[Updates]:
        try:
            photo, findings = self._host.adopt(Path(upload), visitor)
        except InputError as error:
            Path(upload).unlink(missing_ok=True)
            yield {self.refusal: [str(error).replace(f"{Path(upload).parent}{os.sep}", "")], self.findings: []}
            return
        yield {
            **self._pictured(visitor, str(photo), *chosen),
            self.findings: findings.advice or ["A good photo: one face, well lit."],
        }
        self.drop(before)

    @_told
    def drop_photo(self, visitor: Visitor, before: str | None, *chosen: Any) -> Iterator[Updates]:
        yield self._pictured(visitor, None, *chosen)
        self.drop(before)

    def _pictured(self, visitor: Visitor, photo: str | None, *chosen: Any) -> Updates:
        still = self._host.still(_options(photo, *chosen))
        return {
            self.stage: scene("still", shelf(visitor), still=still),
            self.photo: photo,
            self.findings: [],
            self.refusal: [],
            self.default: gr.Button(visible=photo is not None),
            self.alert: [],
        }


def _answer(text: str) -> Turn:
    return {"role": "assistant", "text": text.lstrip()}


def _options(photo: str | None, *chosen: Any) -> Options:
    return Options(Path(photo) if photo else None, *chosen)
