"""The examples of embedding the agent run, and give what they show."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main()


def test_agent_in_a_graph() -> None:
    shipping, name, complaint = run("agent_in_a_graph")
    assert "7 to 10 working days" in shipping
    assert name == "Your name is Maria."
    assert complaint == "A colleague will call you within the hour."


def test_agent_as_tool() -> None:
    assert "Saturday from 9 am to 5 pm" in run("agent_as_tool")


def test_memory_middleware() -> None:
    assert run("memory_middleware") == "You are allergic to feathers."


def test_memory_as_store_and_retriever() -> None:
    assert run("memory_as_store") == ("a pillow without feathers", "My train leaves at nine on Sunday.")


def test_memory_as_vector_store() -> None:
    context, answer = run("memory_as_vector_store")
    assert "7 to 10 working days" in context
    assert answer == "About a week."


def test_chain_with_a_face(models: Any) -> None:
    names = asyncio.run(run("chain_with_a_face"))
    assert names == ["search_documents", "pick_the_best", "avatar", "RunnableSequence"]
