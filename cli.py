"""The command line: ``visavis …``. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import InputError, VisavisError

if TYPE_CHECKING:
    from rich.console import Console

    from .render.avatar import Avatar
    from .settings import Settings

app = typer.Typer(
    name="visavis",
    help="Conversations face to face: an agent with memory answers, a portrait speaks the answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
memory_app = typer.Typer(help="What is remembered about a user.", no_args_is_help=True)
knowledge_app = typer.Typer(help="The documents that answers are taken from.", no_args_is_help=True)
assets_app = typer.Typer(help="Model files and the demo photograph.", no_args_is_help=True)
app.add_typer(memory_app, name="memory")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(assets_app, name="assets")

Portrait = Annotated[Path | None, typer.Option(help="Photo of the speaker; default: the demo photograph.")]
Voice = Annotated[str | None, typer.Option(help="Voice backend.")]
Language = Annotated[str | None, typer.Option(help="Such as en-us, zh, ar; default: by the text.")]
Blur = Annotated[str | None, typer.Option(help="off, gaussian, guided or depth.")]
Radius = Annotated[float | None, typer.Option(help="Of the blur, 5 to 30.")]
Background = Annotated[
    str | None, typer.Option(help='Instead of the photo\'s own: a picture, #RRGGBB or "transparent".')
]
Size = Annotated[int | None, typer.Option(help="Width and height in pixels.")]
Fps = Annotated[float | None, typer.Option(help="Frames per second.")]
Out = Annotated[
    Path | None, typer.Option(help="A file .mp4 or .webm, overwritten if it exists, or a new folder for pictures.")
]
Seed = Annotated[int | None, typer.Option(help="Same seed, same pictures.")]
Audio = Annotated[
    Path | None, typer.Option(help="A recording to speak, audio or video file; TEXT is what is said in it.")
]
Expressiveness = Annotated[float | None, typer.Option(help="Of mouth and brows, 0 to 2; 1 is natural.")]
Head = Annotated[float | None, typer.Option(help="Head movement, 0 to 2; 1 is natural.")]
BlinkRate = Annotated[float | None, typer.Option(help="How often the eyes blink, 0 to 3; 1 is natural.")]
Gaze = Annotated[float | None, typer.Option(help="How far the eyes wander, 0 to 2; 1 is natural.")]
Strict = Annotated[bool | None, typer.Option("--strict", help="Refuse a photo that will not look right.")]
Mood = Annotated[str | None, typer.Option(help="neutral, friendly or serious.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
User = Annotated[str | None, typer.Option(help="Whose memory.")]
Tenant = Annotated[str | None, typer.Option(help="Whose customers.")]
Thread = Annotated[str, typer.Option(help="Which conversation.")]
Model = Annotated[str | None, typer.Option(help='"offline", or provider:name, such as ollama:llama3.')]
Knowledge = Annotated[Path | None, typer.Option(help="File or folder to answer from; added to the knowledge base.")]


@app.callback()
def _options(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of errors.")] = False) -> None:
    """Read by ``main``."""


def _settings(**changes: Any) -> Settings:
    from .settings import Settings

    return Settings().with_changes(**changes)


def _avatar(settings: Settings) -> Avatar:
    from .render.avatar import Avatar

    return Avatar(settings=settings)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _print_json(value: Any) -> None:
    _print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


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
    settings = _settings(
        portrait=portrait, voice=voice, language=language, blur=blur, radius=radius,
        background=background, size=size, fps=fps, seed=seed,
        expressiveness=expressiveness, head=head, blink_rate=blink_rate, gaze=gaze, mood=mood, strict=strict,
    )  # fmt: skip
    text = sys.stdin.read() if text == "-" else text
    with _console().status("Rendering"):
        clip = _avatar(settings).say(text, audio=audio, out=out or _free_name("say", settings))
    if as_json:
        _print_json(clip.as_dict())
    else:
        _print(f"{clip.path}  {clip.duration_s:.1f} s  real-time factor {clip.rtf:.2f}")


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

    settings = _settings(
        user=user, tenant=tenant, model=model, portrait=portrait, voice=voice, language=language, blur=blur,
        radius=radius, background=background, size=size, fps=fps, seed=seed,
        expressiveness=expressiveness, head=head, blink_rate=blink_rate, gaze=gaze, mood=mood, strict=strict,
    )  # fmt: skip
    with Session.open(settings, thread=thread, knowledge=knowledge) as session, _console().status("Rendering"):
        speaker = AvatarAgent(session.agent, _avatar(settings))
        clip = speaker.invoke(text, session.config, out=out or _free_name("ask", settings))
    if as_json:
        _print_json(clip.as_dict())
        return
    _print(clip.text)
    for item in clip.recalled:
        _print(f"  recalled: {item['text']}  ({item['why']})")
    _print(f"{clip.path}  {clip.duration_s:.1f} s  real-time factor {clip.rtf:.2f}")


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

    settings = _settings(user=user, tenant=tenant, model=model)
    with Session.open(settings, thread=thread, knowledge=knowledge) as session:
        while question := _ask_line():
            for delta in session.words(question):
                sys.stdout.write(delta)
                sys.stdout.flush()
            _print("")


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

    serve(_settings(model=model, portrait=portrait), knowledge=knowledge, host=host, port=port)


@app.command()
def portrait(file: Annotated[Path, typer.Argument(help="The photo.")], as_json: Json = False) -> None:
    """The portrait doctor: what is in the photo, what will suffer, what would help."""
    from dataclasses import asdict

    from .render.portraits import analyse

    findings = analyse(file, settings=_settings()).findings
    if as_json:
        _print_json(asdict(findings))
        return
    for name, value in asdict(findings).items():
        if name != "advice":
            _print(f"{name:16} {value}")
    for line in findings.advice:
        _print(f"- {line}")


@app.command()
def matte(
    file: Annotated[Path, typer.Argument(help="The photo.")],
    out: Annotated[Path, typer.Option(help="The alpha, a grey PNG; overwritten if it exists.")],
    matte_name: Annotated[str, typer.Option("--matte", help="Matte backend.")] = "selfie",
) -> None:
    """Cut the person out: alpha as a picture."""
    from .render.stills import matte_file

    step = matte_file(file, out, settings=_settings(matte=matte_name))
    _print(f"{out}  matte: {step}")


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
) -> None:
    """Blur the background of a photo or video."""
    from .render.media import is_clip

    settings = _settings(blur=kind, radius=radius, matte=matte_name)
    if is_clip(file):
        if alpha is not None:
            raise InputError("One matte does not fit every picture of a video.", "Leave --alpha out.")
        step = _blur_clip(file, out, settings)
    else:
        from .render.stills import blur_file

        step = blur_file(file, out, alpha=alpha, settings=settings)
    _print(f"{out}  matte: {step}")


def _blur_clip(clip: Path, out: Path, settings: Settings) -> str:
    from rich.progress import Progress

    from .render.clips import blur_clip

    console = _console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Blurring", total=1.0)
        return blur_clip(clip, out, settings=settings, progress=lambda share: bar.update(task, completed=share))


@memory_app.command("list")
def memory_list(user: User = None, tenant: Tenant = None, limit: int = 50, as_json: Json = False) -> None:
    """The latest turns."""
    with _memory(tenant, user) as mine:
        _show([_plain(turn) for turn in mine.turns(limit)], as_json)


@memory_app.command("search")
def memory_search(query: str, user: User = None, tenant: Tenant = None, k: int = 10, as_json: Json = False) -> None:
    """What would be recalled for a question, best first."""
    with _memory(tenant, user) as mine:
        _show([_plain(hit) for hit in mine.recall(query, k)], as_json)


@memory_app.command("forget")
def memory_forget(
    memory_id: Annotated[str | None, typer.Argument(metavar="ID", help="One memory.")] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="All memories, conversations and videos of this user.")
    ] = False,
    user: User = None,
    tenant: Tenant = None,
) -> None:
    """Forget for good."""
    if (memory_id is None) != everything:
        raise InputError("Nothing was forgotten.", "Give an ID, or --everything.")
    if memory_id is None:
        from .agent.session import Session

        with Session.open(_settings(tenant=tenant, user=user, model="offline")) as session:
            session.forget_everything()
    else:
        with _memory(tenant, user) as mine:
            mine.forget(memory_id)
    _print("Forgotten.")


@memory_app.command("export")
def memory_export(user: User = None, tenant: Tenant = None) -> None:
    """Everything known about a user, as JSON."""
    with _memory(tenant, user) as mine:
        _print_json(mine.export())


@memory_app.command("reindex")
def memory_reindex() -> None:
    """Rebuild the vectors of memory and knowledge, with the embedding of the settings."""
    from .agent.session import reindex

    turns, passages = reindex(_settings())
    _print(f"Rebuilt: {turns} turns, {passages} passages.")


@knowledge_app.command("add")
def knowledge_add(path: Path, tenant: Tenant = None) -> None:
    """Add a file, or a folder of them. Unchanged files cost nothing."""
    from .agent.session import open_knowledge

    settings = _settings(tenant=tenant)
    with open_knowledge(settings) as knowledge:
        _print_json(_plain(knowledge.of(settings.tenant).add(path)))


@knowledge_app.command("list")
def knowledge_list(tenant: Tenant = None, as_json: Json = False) -> None:
    """The files answers are taken from."""
    from .agent.session import open_knowledge

    settings = _settings(tenant=tenant)
    with open_knowledge(settings) as knowledge:
        _show([_plain(source) for source in knowledge.of(settings.tenant).sources()], as_json)


@knowledge_app.command("remove")
def knowledge_remove(source: str, tenant: Tenant = None) -> None:
    """Remove a file from the knowledge base."""
    from .agent.session import open_knowledge

    settings = _settings(tenant=tenant)
    with open_knowledge(settings) as knowledge:
        knowledge.of(settings.tenant).remove(source)
    _print("Removed.")


@assets_app.command("list")
def assets_list(as_json: Json = False) -> None:
    """Every model file: whether it is here, where it comes from, its licence; last, those that users may bring."""
    from .render.assets import brought_status, status

    rows: list[dict[str, Any]] = [
        {
            "name": each.asset.name,
            "path": str(each.path) if each.path else "not here",
            "bytes": each.asset.size,
            "licence": each.asset.licence,
            "source": each.asset.source,
            "sha256": each.asset.sha256,
        }
        for each in status(_settings())
    ]
    rows += [
        {
            "name": network.name,
            "path": str(path) if path else f"bring {network.file}",
            "licence": network.licence,
            "source": network.source,
        }
        for network, path in brought_status(_settings())
    ]
    _show(rows, as_json)


@assets_app.command("pull")
def assets_pull(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Fetch model files now, so that everything works without a network later."""
    from .render.assets import ASSETS, path

    for name in names or list(ASSETS):
        _print(f"{name:24} {path(name, _settings())}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check this machine: what works, what is missing, how to mend it."""
    from .checkup import checkup

    results = checkup(_settings())
    if as_json:
        _print_json([_plain(each) for each in results])
    else:
        for each in results:
            _print(f"{'ok  ' if each.ok else 'MISSING' if each.needed else 'none'}  {each.name:24} {each.detail}")
    if any(each.needed and not each.ok for each in results):
        raise typer.Exit(3)


@app.command()
def bench(as_json: Json = False) -> None:
    """Measure this machine: every stage, and the common recipe beside ours. Takes a minute or two."""
    from .benchmarks.suite import run

    with _console().status("Measuring"):
        figures = run(_settings())
    if as_json:
        _print_json(figures)
    else:
        for name, value in figures.items():
            _print(f"{name:28} {value}")


# Helpers of the commands


def _memory(tenant: str | None, user: str | None) -> Any:
    from .agent.session import open_mine

    return open_mine(_settings(tenant=tenant, user=user))


def _plain(value: Any) -> Any:
    from dataclasses import asdict, is_dataclass

    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _show(rows: list[Any], as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        _print("  ".join(str(value) for value in row.values()) if isinstance(row, dict) else str(row))


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
