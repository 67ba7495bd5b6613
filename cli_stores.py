"""``visavis memory``, ``visavis knowledge`` and ``visavis assets``: what is kept, listed, searched and thrown away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .cli_shared import Json, Tenant, User, plain, print_json, print_line, print_rows, settings_with
from .errors import InputError

memory_app = typer.Typer(help="What is remembered about a user.", no_args_is_help=True)
knowledge_app = typer.Typer(help="The documents that answers are taken from.", no_args_is_help=True)
assets_app = typer.Typer(help="Model files and the demo photograph.", no_args_is_help=True)


@memory_app.command("list")
def memory_list(user: User = None, tenant: Tenant = None, limit: int = 50, as_json: Json = False) -> None:
    """The latest turns."""
    with _memory(tenant, user) as mine:
        print_rows([plain(turn) for turn in mine.turns(limit)], as_json)


@memory_app.command("search")
def memory_search(query: str, user: User = None, tenant: Tenant = None, k: int = 10, as_json: Json = False) -> None:
    """What would be recalled for a question, best first."""
    with _memory(tenant, user) as mine:
        print_rows([plain(hit) for hit in mine.recall(query, k)], as_json)


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
    from .agent.session import Session

    with Session.open(settings_with(tenant=tenant, user=user, model="offline")) as session:
        if memory_id is None:
            session.forget_everything()
        elif not session.forget(memory_id):
            raise InputError(f"Nothing is remembered under {memory_id!r}.", "`visavis memory list` shows the IDs.")
    print_line("Forgotten.")


@memory_app.command("export")
def memory_export(user: User = None, tenant: Tenant = None) -> None:
    """Everything known about a user, as JSON."""
    with _memory(tenant, user) as mine:
        print_json(mine.export())


@memory_app.command("reindex")
def memory_reindex() -> None:
    """Rebuild the vectors of memory and knowledge, with the embedding of the settings."""
    from .agent.session import reindex

    turns, passages = reindex(settings_with())
    print_line(f"Rebuilt: {turns} turns, {passages} passages.")


@knowledge_app.command("add")
def knowledge_add(path: Path, tenant: Tenant = None) -> None:
    """Add a file, or a folder of them. Unchanged files cost nothing."""
    from .agent.session import open_knowledge

    settings = settings_with(tenant=tenant)
    with open_knowledge(settings) as knowledge:
        print_json(plain(knowledge.of(settings.tenant).add(path)))


@knowledge_app.command("list")
def knowledge_list(tenant: Tenant = None, as_json: Json = False) -> None:
    """The files answers are taken from."""
    from .agent.session import open_knowledge

    settings = settings_with(tenant=tenant)
    with open_knowledge(settings) as knowledge:
        print_rows([plain(source) for source in knowledge.of(settings.tenant).sources()], as_json)


@knowledge_app.command("remove")
def knowledge_remove(source: str, tenant: Tenant = None) -> None:
    """Remove a file from the knowledge base."""
    from .agent.session import open_knowledge

    settings = settings_with(tenant=tenant)
    with open_knowledge(settings) as knowledge:
        knowledge.of(settings.tenant).remove(source)
    print_line("Removed.")


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
        for each in status(settings_with())
    ]
    rows += [
        {
            "name": network.name,
            "path": str(path) if path else f"bring {network.file}",
            "licence": network.licence,
            "source": network.source,
        }
        for network, path in brought_status(settings_with())
    ]
    print_rows(rows, as_json)


@assets_app.command("pull")
def assets_pull(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Fetch model files now, so that everything works without a network later."""
    from .render.assets import ASSETS, path

    for name in names or list(ASSETS):
        print_line(f"{name:24} {path(name, settings_with())}")


@assets_app.command("quantize")
def assets_quantize(
    source: Annotated[Path, typer.Argument(help="A matting network, fp32 ONNX.")],
    target: Annotated[Path, typer.Argument(help="The file to write, int8 weights.")],
    picture: Annotated[
        list[Path] | None, typer.Option(help="A photo or folder to measure accuracy on; repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a smaller, faster copy of a matting network with ONNX Runtime's quantiser."""
    from .render.quantize import quantize

    done = quantize(source, target, pictures=picture or ())
    print_rows([plain(done)], as_json)


def _memory(tenant: str | None, user: str | None) -> Any:
    from .agent.session import open_mine

    return open_mine(settings_with(tenant=tenant, user=user))
