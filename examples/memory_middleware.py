"""Our memory in somebody else's ``create_agent``: two middlewares, nothing else of ours.

python examples/memory_middleware.py
"""

from __future__ import annotations

import tempfile

from langchain.agents import create_agent

from visavis.agent import OfflineChat, RecallMiddleware, RememberMiddleware, Who
from visavis.memory import Memory


def main() -> str:
    with tempfile.TemporaryDirectory() as folder, Memory.open(folder) as memory:
        agent = create_agent(
            OfflineChat(),  # or "openai:…", or any other chat model
            system_prompt="You are the concierge of a small hotel.",
            middleware=[RememberMiddleware(memory), RecallMiddleware(memory)],
            context_schema=Who,
        )
        guest = Who("hotel", "room-7")
        agent.invoke({"messages": [("user", "I'm allergic to feathers.")]}, context=guest)
        out = agent.invoke({"messages": [("user", "What am I allergic to?")]}, context=guest)
        return str(out["messages"][-1].text)


if __name__ == "__main__":
    print(main())
