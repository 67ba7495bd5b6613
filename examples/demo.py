"""A scripted conversation with a shop: `python examples/demo.py 1 2`, then, as a new program, `python examples/demo.py 3`.

Each turn prints question, answer, what was recalled and the timings, and writes out/turn-N.mp4 with captions beside it. Turn 3 asks
for what only turn 1 told.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from visavis import Avatar, AvatarAgent, Settings
from visavis.agent.session import Session

HERE = Path(__file__).parent
OUT = Path("out")
QUESTIONS = {
    1: "Hello! My name is Maria and my order number is A-1043. How long does shipping to Alaska take?",
    2: "And can I return it if it does not fit?",
    3: "Hi, it's me again. What was my order number?",
}


def main(turns: list[int]) -> None:
    OUT.mkdir(exist_ok=True)
    if 1 in turns:
        shutil.rmtree(OUT / "data", ignore_errors=True)
    settings = Settings(data=(OUT / "data").resolve(), tenant="lantern-shop", user="maria")
    started = time.perf_counter()
    avatar = Avatar(settings=settings)
    avatar.prepare()
    print(f"Ready after {time.perf_counter() - started:.1f} s.\n")
    with Session.open(settings, thread="demo", knowledge=HERE / "knowledge") as session:
        speaker = AvatarAgent(session.agent, avatar)
        for turn in turns:
            clip = speaker.invoke(QUESTIONS[turn], session.config, out=OUT / f"turn-{turn}.mp4")
            print(f"[{turn}] Maria:  {QUESTIONS[turn]}")
            print(f"    Agent:  {clip.text}")
            for item in clip.recalled[:2]:
                print(
                    f"    recalled: {item['kind']}, {item['why'] or Path(item.get('source', '')).name:.60}: {item['text']!r:.70}"
                )
            stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in clip.timings.items())
            print(f"    {clip.path}: {clip.duration_s:.1f} s, real-time factor {clip.rtf:.2f} (seconds: {stages})\n")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1, 2, 3])
