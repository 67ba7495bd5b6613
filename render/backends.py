"""Backends are found by their file: ``render/voices/espeak.py`` is the voice "espeak".

Each such module has a function ``backend(**options)`` that makes it, and ``REQUIRES``: a mapping from the modules it needs to what
installs them. Nothing is imported until a backend is loaded, and nothing is registered anywhere else.
"""

from __future__ import annotations

import ast
import importlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

from ..errors import BackendError

KINDS: Final = {
    "voice": "voices",
    "listener": "listeners",
    "matte": "mattes",
    "animator": "animators",
    "output": "outputs",
}
"""Kind of backend to folder."""

_parsing: Final = Lock()
"""CPython 3.11 counts the depth of syntax trees for all threads together: two at once make it raise ``SystemError``."""


@cache
def _requires(file: Path) -> dict[str, str] | None:
    """The literal ``REQUIRES`` of a module, read without importing it; None where the file is no backend."""
    with _parsing:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="REQUIRES"), value=ast.expr() as value):
                return dict(ast.literal_eval(value))
            case ast.Assign(targets=[ast.Name(id="REQUIRES")], value=value):
                return dict(ast.literal_eval(value))
    return None


def available(kind: str) -> dict[str, str]:
    """Every backend of *kind* by name, with what is missing to use it ("" when nothing is)."""
    folder = Path(__file__).parent / KINDS[kind]
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.py")):
        requires = _requires(file)
        if requires is not None:
            found[file.stem] = next((hint for module, hint in requires.items() if find_spec(module) is None), "")
    return found


def load(kind: str, name: str, **options: Any) -> Any:
    """Make the backend *name* of *kind* with *options*.

    Raises ``BackendError`` when there is none of that name or its library is not installed.
    """
    choices = available(kind)
    if name not in choices:
        raise BackendError(f"There is no {kind} called {name!r}.", f"Choose one of: {', '.join(choices)}.")
    if choices[name]:
        raise BackendError(f"The {kind} {name!r} is not installed.", choices[name])
    try:
        module = importlib.import_module(f".{KINDS[kind]}.{name}", __package__)
    except (ImportError, OSError) as exc:
        raise BackendError(f"The {kind} {name!r} cannot be loaded: {exc}.", "Install its library anew.") from exc
    return module.backend(**options)
