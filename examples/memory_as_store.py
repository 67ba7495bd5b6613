"""Our memory as the store of somebody else's LangGraph graph, and as the retriever of their chain.

python examples/memory_as_store.py
"""

from __future__ import annotations

import tempfile
from typing import Any, TypedDict

from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from visavis.memory import Memory, MemoryRetriever, MemoryStore


class State(TypedDict):
    guest: str
    wish: str
    advice: str


def note(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
    """Their node: keeps the wish in whatever store the graph was compiled with."""
    assert runtime.store
    runtime.store.put(("hotel", state["guest"], "wishes"), state["wish"], {"text": state["wish"]})
    return {}


def advise(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
    assert runtime.store
    found = runtime.store.search(("hotel", state["guest"], "wishes"), query="Which pillow?", limit=1)
    return {"advice": found[0].value["text"]}


def first(documents: list[Document]) -> str:
    return documents[0].page_content


def main() -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder, Memory.open(folder) as memory:
        graph = StateGraph(State)
        graph.add_sequence([note, advise])
        graph.add_edge(START, "note")
        graph.add_edge("advise", END)
        desk = graph.compile(store=MemoryStore(memory))
        for wish in ("a pillow without feathers", "a room to the courtyard"):
            out = desk.invoke({"guest": "room-7", "wish": wish, "advice": ""})

        mine = memory.of("hotel", "room-7")
        mine.remember("My train leaves at nine on Sunday.", speaker="user")
        chain = MemoryRetriever(mine=mine, k=1) | RunnableLambda(first)
        return out["advice"], chain.invoke("When does the train leave?")


if __name__ == "__main__":
    print(*main(), sep="\n")
