"""Our agent as a node in somebody else's LangGraph graph.

python examples/agent_in_a_graph.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph

from visavis.agent import Who, build_agent
from visavis.memory import Knowledge, Memory

SHOP = Path(__file__).parent / "knowledge"


def triage(state: MessagesState) -> str:
    """Their own routing: angry messages go to a person at once."""
    return "person" if "complaint" in state["messages"][-1].text.lower() else "agent"


def person(state: MessagesState) -> dict[str, Any]:  # noqa: ARG001
    return {"messages": [("ai", "A colleague will call you within the hour.")]}


def main() -> list[str]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Memory.open(Path(folder) / "memory") as memory,
        Knowledge.open(Path(folder) / "knowledge") as knowledge,
    ):
        knowledge.of("shop").add(SHOP)
        graph = StateGraph(MessagesState, context_schema=Who)
        graph.add_node("agent", build_agent(memory=memory, knowledge=knowledge))
        graph.add_node("person", person)
        graph.add_conditional_edges(START, triage, ["agent", "person"])
        graph.add_edge("agent", END)
        graph.add_edge("person", END)
        desk = graph.compile(checkpointer=InMemorySaver())

        answers = []
        for question in ("I'm Maria. How long does shipping to Alaska take?", "What's my name?", "I have a complaint!"):
            config: Any = {"configurable": {"thread_id": "1"}}
            out = desk.invoke({"messages": [("user", question)]}, config, context=Who("shop", "maria"))
            answers.append(str(out["messages"][-1].text))
        return answers


if __name__ == "__main__":
    print(*main(), sep="\n")
