"""Our agent as a tool that another agent may call.

python examples/agent_as_tool.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from visavis.agent import Who, build_agent
from visavis.memory import Knowledge

SHOP = Path(__file__).parent / "knowledge"


class Planner(GenericFakeChatModel):
    """Stands for your own model: it calls the tool, then repeats what it learned."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return self


def main() -> str:
    with tempfile.TemporaryDirectory() as folder, Knowledge.open(folder) as knowledge:
        knowledge.of("shop").add(SHOP)
        shop = build_agent(knowledge=knowledge).as_tool(
            name="bicycle_shop", description="Answers questions about the bicycle shop."
        )
        plan = [
            AIMessage(
                "",
                tool_calls=[
                    {
                        "name": "bicycle_shop",
                        "args": {"question": "When are you open on Saturday?"},
                        "id": "1",
                        "type": "tool_call",
                    }
                ],
            ),
            AIMessage("You can go there on Saturday."),
        ]
        theirs = create_agent(Planner(messages=iter(plan)), [shop], context_schema=Who)
        out = theirs.invoke(
            {"messages": [("user", "Can I visit the bicycle shop on Saturday?")]}, context=Who("shop", "maria")
        )
        return str(out["messages"][-2].text)


if __name__ == "__main__":
    print(main())
