"""The command line: ``visavis …``. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_shared import (
    Audio,
    Background,
    BlinkRate,
    Blur,
    Bokeh,
    Expressiveness,
    Fps,
    Gaze,
    Head,
    Json,
    Knowledge,
    Language,
    Model,
    Mood,
    Out,
    Portrait,
    Radius,
    Seed,
    Size,
    Strict,
    Tenant,
    Thread,
    User,
    Voice,
    plain,
    print_json,
    print_line,
    settings_with,
)
from .cli_stores import assets_app, knowledge_app, memory_app
from .errors import InputError, VisavisError

if TYPE_CHECKING:
    from rich.console import Console

    from .render.avatar import Avatar
    from .render.types import Clip
    from .settings import Settings

app = typer.Typer(
    name="visavis",
    help="Conversations face to face: an agent with memory answers, a portrait speaks the answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(memory_app, name="memory")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(assets_app, name="assets")


@app.callback()
def _options(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of errors.")] = False) -> None:
    """Read by ``main``."""


def _avatar(settings: Settings) -> Avatar:
    from .render.avatar import Avatar

    return Avatar(settings=settings)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _free_name(stem: str, settings: Settings) -> Path:
    suffix = ".webm" if settings.background == "transparent" else ".mp4"
    number = 1
    while (path := Path(f"{stem}-{number}{suffix}")).exists():
        number += 1
    return path


@app.command()
def say(
    text: Annotated[str | None, typer.Argument(help='What to say; "-" reads standard input.')] = None,
    audio: Audio = None,
    portrait: Portrait = None,
    voice: Voice = None,
    language: Language = None,
    blur: Blur = None,
    radius: Radius = None,
    bokeh: Bokeh = None,
    background: Background = None,
    size: Size = None,
    fps: Fps = None,
    out: Out = None,
    seed: Seed = None,
    expressiveness: Expressiveness = None,
    head: Head = None,
    blink_rate: BlinkRate = None,
    gaze: Gaze = None,
    mood: Mood = None,
    strict: Strict = None,
    as_json: Json = False,
) -> None:
    """Speak a text, or a recording, into a video."""
    if text is None and audio is None:
        raise InputError("There is nothing to say.", "Give a text, or a recording with --audio.")
    settings = settings_with(
        portrait=portrait, voice=voice, language=language, blur=blur, radius=radius, bokeh=bokeh,
        background=background, size=size, fps=fps, seed=seed,
        expressiveness=expressiveness, head=head, blink_rate=blink_rate, gaze=gaze, mood=mood, strict=strict,
    )  # fmt: skip
    text = sys.stdin.read() if text == "-" else text
    with _console().status("Rendering"):
        clip = _avatar(settings).say(text, audio=audio, out=out or _free_name("say", settings))
    _advise(clip, settings)
    if as_json:
        print_json(clip.as_dict())
    else:
        print_line(f"{clip.path}  {clip.duration_s:.1f} s  real-time factor {clip.rtf:.2f}")


def _advise(clip: Clip, settings: Settings) -> None:
    """On stderr, what suffers with the user's own portrait and which matte stepped in."""
    if settings.portrait is not None:
        console = _console()
        for line in filter(None, (*clip.advice, clip.matte_reason)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    user: User = None,
    tenant: Tenant = None,
    thread: Thread = "default",
    model: Model = None,
    knowledge: Knowledge = None,
    portrait: Portrait = None,
    voice: Voice = None,
    language: Language = None,
    blur: Blur = None,
    radius: Radius = None,
    bokeh: Bokeh = None,
    background: Background = None,
    size: Size = None,
    fps: Fps = None,
    out: Out = None,
    seed: Seed = None,
    expressiveness: Expressiveness = None,
    head: Head = None,
    blink_rate: BlinkRate = None,
    gaze: Gaze = None,
    mood: Mood = None,
    strict: Strict = None,
    as_json: Json = False,
) -> None:
    """Ask the agent; the answer is spoken into a video."""
    from .agent.chain import AvatarAgent
    from .agent.session import Session

    settings = settings_with(
        user=user, tenant=tenant, model=model, portrait=portrait, voice=voice, language=language, blur=blur,
        radius=radius, bokeh=bokeh, background=background, size=size, fps=fps, seed=seed,
        expressiveness=expressiveness, head=head, blink_rate=blink_rate, gaze=gaze, mood=mood, strict=strict,
    )  # fmt: skip
    with Session.open(settings, thread=thread, knowledge=knowledge) as session, _console().status("Rendering"):
        speaker = AvatarAgent(session.agent, _avatar(settings))
        clip = speaker.invoke(text, session.config, out=out or _free_name("ask", settings))
    _advise(clip, settings)
    if as_json:
        print_json(clip.as_dict())
        return
    print_line(clip.text)
    for item in clip.recalled:
        print_line(f"  {item['kind']}, {item['why'] or item.get('source', '')}: {item['text']}")
    print_line(f"{clip.path}  {clip.duration_s:.1f} s  real-time factor {clip.rtf:.2f}")


@app.command()
def chat(
    user: User = None,
    tenant: Tenant = None,
    thread: Thread = "default",
    model: Model = None,
    knowledge: Knowledge = None,
) -> None:
    """Talk with the agent in the terminal. An empty line ends."""
    from .agent.session import Session

    settings = settings_with(user=user, tenant=tenant, model=model)
    with Session.open(settings, thread=thread, knowledge=knowledge) as session:
        while question := _ask_line():
            for delta in session.words(question):
                sys.stdout.write(delta)
                sys.stdout.flush()
            print_line("")


def _ask_line() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""


@app.command()
def ui(
    model: Model = None,
    knowledge: Knowledge = None,
    portrait: Portrait = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
) -> None:
    """Open the web page."""
    from .ui import serve

    serve(settings_with(model=model, portrait=portrait), knowledge=knowledge, host=host, port=port)


@app.command()
def portrait(file: Annotated[Path, typer.Argument(help="The photo or video.")], as_json: Json = False) -> None:
    """The portrait doctor: what is in the photo or video, what will suffer, what would help."""
    from dataclasses import asdict

    from .render.portraits import analyse

    findings = analyse(file, settings=settings_with()).findings
    if as_json:
        print_json(asdict(findings))
        return
    for name, value in asdict(findings).items():
        if name != "advice":
            print_line(f"{name:16} {value}")
    for line in findings.advice:
        print_line(f"- {line}")


@app.command()
def inspect(file: Annotated[Path, typer.Argument(help="A video of a talking head.")], as_json: Json = False) -> None:
    """Measure a finished video: lag, closures, silence, flicker, blinks."""
    from .render.inspection import inspect as look

    with _console().status("Measuring"):
        found = look(file, settings=settings_with()).as_dict()
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        print_line(f"{name:28} {value}")


@app.command()
def matte(
    file: Annotated[Path, typer.Argument(help="The photo.")],
    out: Annotated[Path, typer.Option(help="The alpha, a grey PNG; overwritten if it exists.")],
    matte_name: Annotated[str, typer.Option("--matte", help="Matte backend.")] = "selfie",
) -> None:
    """Cut the person out: alpha as a picture."""
    from .render.stills import matte_file

    step = matte_file(file, out, settings=settings_with(matte=matte_name))
    print_line(f"{out}  matte: {step}")


@app.command()
def blur(
    file: Annotated[Path, typer.Argument(help="The photo or video.")],
    out: Annotated[
        Path, typer.Option(help="As .png or .jpg, a video as .mp4, .mov, .mkv or .webm; overwritten if it exists.")
    ],
    alpha: Annotated[Path | None, typer.Option(help="A matte of your own for a photo, grey, same size.")] = None,
    matte_name: Annotated[str, typer.Option("--matte", help="Matte backend.")] = "selfie",
    kind: Annotated[str, typer.Option("--blur", help="off, gaussian, guided or depth.")] = "gaussian",
    radius: Annotated[float, typer.Option(help="5 to 30.")] = 14.0,
    bokeh: Bokeh = None,
) -> None:
    """Blur the background of a photo or video."""
    from .render.media import is_clip

    settings = settings_with(blur=kind, radius=radius, bokeh=bokeh, matte=matte_name)
    if is_clip(file):
        if alpha is not None:
            raise InputError("One matte does not fit every picture of a video.", "Leave --alpha out.")
        step = _blur_clip(file, out, settings)
    else:
        from .render.stills import blur_file

        step = blur_file(file, out, alpha=alpha, settings=settings)
    print_line(f"{out}  matte: {step}")


def _blur_clip(clip: Path, out: Path, settings: Settings) -> str:
    from rich.progress import Progress

    from .render.clips import blur_clip

    console = _console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Blurring", total=1.0)
        return blur_clip(clip, out, settings=settings, progress=lambda share: bar.update(task, completed=share))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check this machine: what works, what is missing, how to mend it."""
    from .checkup import checkup

    results = checkup(settings_with())
    if as_json:
        print_json([plain(each) for each in results])
    else:
        for each in results:
            print_line(f"{'ok  ' if each.ok else 'MISSING' if each.needed else 'none'}  {each.name:24} {each.detail}")
    if any(each.needed and not each.ok for each in results):
        raise typer.Exit(3)


@app.command()
def bench(as_json: Json = False) -> None:
    """Measure this machine: every stage, and the common recipe beside ours. Takes a minute or two."""
    from .benchmarks.suite import run

    with _console().status("Measuring"):
        figures = run(settings_with())
    if as_json:
        print_json(figures)
    else:
        for name, value in figures.items():
            print_line(f"{name:28} {value}")


def main() -> None:
    """The entry point: errors become one line and an exit code."""
    debug = "--debug" in sys.argv[1:]
    try:
        app([argument for argument in sys.argv[1:] if argument != "--debug"])
    except VisavisError as error:
        if debug:
            raise
        sys.stderr.write(f"visavis: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        sys.stderr.write(f"visavis: a defect: {type(error).__name__}: {error}. Run again with --debug and report it.\n")
        sys.exit(1)
