"""Two messages at once in one conversation, again and again, from several processes: how many are lost.

    python -m visavis.benchmarks.conversations [--full] [--json]

Each trial sends two messages to the same thread at the same moment. A message is lost when the conversation or the memory
lacks it, or its answer. ``--full`` makes 1,000 trials of 40.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..agent import Who, build_agent
from ..memory import Memory

_THREADS = 20
"""Conversations the trials are spread over."""
_PROCESSES = 4
_WHO = Who("shop", "maria")


def double_texts(folder: Path, trials: int, *, label: str = "") -> dict[str, Any]:
    """Counts of messages sent and lost, and the median time of a trial in milliseconds."""
    took = []
    with Memory.open(folder / "memory", vectors="off") as memory, ThreadPoolExecutor(2) as pool:
        agent = build_agent(memory=memory, checkpointer=folder / "conversations.db")

        def send(text: str, thread: str) -> None:
            agent.invoke({"messages": [("user", text)]}, {"configurable": {"thread_id": thread}}, context=_WHO)

        for trial in range(trials):
            start = time.perf_counter()
            thread = str(trial % _THREADS)
            list(pool.map(send, [f"message {label}{trial} {side}" for side in "ab"], [thread] * 2))
            took.append(time.perf_counter() - start)
        agent.checkpointer.close()
    return {"sent": 2 * trials, "ms_p50": round(1000 * sorted(took)[trials // 2], 1)}


def lost(folder: Path, wanted: set[str]) -> dict[str, int]:
    """How many of *wanted* the conversations lack, and the memory."""
    with Memory.open(folder / "memory", vectors="off") as memory:
        agent = build_agent(memory=memory, checkpointer=folder / "conversations.db")
        kept: list[str] = []
        answered = 0
        for thread in range(_THREADS):
            messages = agent.get_state({"configurable": {"thread_id": str(thread)}}).values.get("messages", [])
            kept += [message.text for message in messages if message.type == "human"]
            answered += sum(message.type == "ai" for message in messages)
        turns = {turn.text for turn in memory.of(_WHO.tenant, _WHO.user).turns(1_000_000)}
        agent.checkpointer.close()
    return {
        "lost_in_conversations": len(wanted - set(kept)),
        "lost_answers": len(wanted) - answered,
        "lost_in_memory": len(wanted - turns),
    }


def measure(trials: int) -> dict[str, Any]:
    """*trials* in this process, and as many again shared by four processes on the same files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = double_texts(folder, trials)
        wanted = {f"message {trial} {side}" for trial in range(trials) for side in "ab"}
        result = {"one process": {**figures, **lost(folder, wanted)}}
    with tempfile.TemporaryDirectory() as name:
        folder, share = Path(name), trials // _PROCESSES
        code = "import sys, pathlib; from visavis.benchmarks.conversations import double_texts as run; "
        code += "run(pathlib.Path(sys.argv[1]), int(sys.argv[2]), label=sys.argv[3])"
        labels = [f"p{number}-" for number in range(_PROCESSES)]
        running = [subprocess.Popen([sys.executable, "-c", code, name, str(share), label]) for label in labels]
        failed = sum(process.wait() != 0 for process in running)
        wanted = {f"message {label}{trial} {side}" for label in labels for trial in range(share) for side in "ab"}
        result["four processes"] = {"sent": len(wanted), "failed": failed, **lost(folder, wanted)}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the count that the goal names")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(1_000 if options.full else 40)
    if options.json:
        print(json.dumps(result))
        return
    for name, figures in result.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
