"""Answers from a knowledge base of 100 entries: 200 paraphrased questions it can answer, 100 it cannot.

    python -m visavis.benchmarks.faq [--wrong]

``faq.md`` (telephones) is the set by which the vocabulary and the thresholds were first chosen, ``faq_held_out.md`` (a library)
the one whose misses showed what was lacking, and ``faq_fresh.md`` (a hotel) was written before that and run once, after it:
only its figures say what to expect of another trade.

Right means that the reply cites the entry asked for; asked, that it asks whether that entry is meant; refused means that it
cites none. The questions stand below
the entries they paraphrase. Everything runs through the agent itself: search, system message, offline model.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ..agent import Who, build_agent
from ..memory import Knowledge

_WHO = Who("northline", "bench")


@dataclass(frozen=True, slots=True)
class Question:
    """*heading* is the entry that answers it; "" when none does."""

    text: str
    heading: str


def questions(source: str) -> list[Question]:
    """The questions in *source*; those after "# Cannot be answered" have no heading."""
    found, heading, answerable = [], "", True
    for line in source.splitlines():
        if line.startswith("# "):
            answerable = line != "# Cannot be answered"
        elif line.startswith("## "):
            heading = line[3:]
        elif line.startswith("? "):
            found.append(Question(line[2:], heading if answerable else ""))
    return found


def knowledge_base(source: str) -> str:
    """*source* without the questions."""
    return re.sub(r"^\? .*\n", "", source.partition("# Cannot be answered")[0], flags=re.MULTILINE)


def measure(name: str = "faq", *, wrong: bool = False, step: int = 1) -> dict[str, float]:
    """``<name>_right``, ``_right_or_asked`` and ``_refused`` in [0, 1], and ``_ms_p50`` per answer.

    Of ``<name>.md`` every *step*-th question is asked. *wrong* prints each miss.
    """
    source = Path(__file__).with_name(f"{name}.md").read_text(encoding="utf-8")
    asked = questions(source)[::step]
    right: list[bool] = []
    right_or_asked: list[bool] = []
    refused: list[bool] = []
    took = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "northline.md"
        file.write_text(knowledge_base(source), encoding="utf-8")
        with Knowledge.open(Path(folder) / "knowledge") as knowledge:
            knowledge.of(_WHO.tenant).add(file)
            agent = build_agent(knowledge=knowledge)
            for question in asked:
                start = time.perf_counter()
                headings: dict[str, str] = {}
                answer = None
                for mode, part in agent.stream(
                    {"messages": [("user", question.text)]}, context=_WHO, stream_mode=["custom", "values"]
                ):
                    if mode == "custom":
                        headings = {hit["id"]: hit["heading"].rpartition(" > ")[2] for hit in part["recalled"]}
                    else:
                        answer = part["messages"][-1]
                took.append(time.perf_counter() - start)
                cited = [headings[key] for key in answer.response_metadata["cited"]]
                good = cited[:1] == [question.heading] if question.heading else not cited
                (right if question.heading else refused).append(good)
                if question.heading:
                    right_or_asked.append(good or f"“{question.heading}”" in answer.text)
                if wrong and not good:
                    want = question.heading or "a refusal"
                    note = "" if want in headings.values() or not question.heading else " (not found)"
                    print(f"{question.text}\n    want {want}{note}; got {cited or answer.text}")
    return {
        f"{name}_right": sum(right) / len(right),
        f"{name}_right_or_asked": sum(right_or_asked) / len(right_or_asked),
        f"{name}_refused": sum(refused) / len(refused),
        f"{name}_ms_p50": 1000 * sorted(took)[len(took) // 2],
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--wrong", action="store_true", help="print each question that went wrong")
    wrong = options.parse_args().wrong
    for base in ("faq", "faq_held_out", "faq_fresh"):
        for name, value in measure(base, wrong=wrong).items():
            print(f"{name} {value:.3f}")


if __name__ == "__main__":
    main()
