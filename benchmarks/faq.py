"""How often the offline model cites the right entry of a knowledge base, and refuses what the knowledge base cannot answer.

    python -m visavis.benchmarks.faq [--set FILE …] [--wrong]

Each ``faq*.md`` in this folder is one set: entries with the questions that paraphrase them below ("? …"), and after
"# Cannot be answered" questions that no entry answers. FILE is another such set. Everything runs through the agent itself:
search, system message, offline model.

Right: the reply cites the entry asked for. Asked: it is right, or asks back and names that entry. Refused: the reply to a question
without an entry cites none. Found: the entry asked for is among the passages that a model is given. First: it is the first of them.

The vocabulary was learned from none of these trades (training/). By the sets of the first line the threshold was chosen; those of
the second were written by somebody who knew nothing of all this, and run when it was done:

    telephones, hotel (fresh), library (held_out), bank, clinic, airline, software, restaurant_zh
    energy, furniture, gym, bank_zh, courier_zh
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..agent import Who, build_agent
from ..memory import Knowledge
from ..memory.relevance import Entry

_WHO: Final = Who("shop", "bench")
_UNANSWERABLE: Final = "# Cannot be answered"


@dataclass(frozen=True, slots=True)
class Question:
    """*heading* is the entry that answers it; "" when none does."""

    text: str
    heading: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one set; all but counts and times in [0, 1]."""

    entries: int
    answerable: int
    unanswerable: int
    right: float
    asked: float
    refused: float
    found: float
    first: float
    ms_p50: float
    ms_p95: float


def sets() -> list[Path]:
    """The sets in this folder."""
    return sorted(Path(__file__).parent.glob("faq*.md"))


def questions(source: str) -> list[Question]:
    """The questions in *source*; those that cannot be answered have no heading."""
    found, heading, answerable = [], "", True
    for line in source.splitlines():
        if line.startswith("# "):
            answerable = line != _UNANSWERABLE
        elif line.startswith("## "):
            heading = line[3:]
        elif line.startswith("? "):
            found.append(Question(line[2:], heading if answerable else ""))
    return found


def knowledge_base(source: str) -> str:
    """*source* without the questions."""
    return re.sub(r"^\? .*\n", "", source.partition(_UNANSWERABLE)[0], flags=re.MULTILINE)


def entries(source: str) -> list[Entry]:
    """The entries of *source*."""
    above, found = "", []
    for part in re.split(r"^(?=##? )", knowledge_base(source), flags=re.MULTILINE):
        head, _, text = part.partition("\n")
        if head.startswith("## "):
            found.append(Entry(head[3:], text.strip(), above))
        else:
            above = head[2:]
    return found


def measure(file: Path, *, wrong: bool = False, step: int = 1) -> Figures:
    """Asks every *step*-th question of the set in *file*; *wrong* prints each that goes wrong."""
    source = file.read_text(encoding="utf-8")
    right: list[bool] = []
    asked: list[bool] = []
    found: list[bool] = []
    first: list[bool] = []
    refused: list[bool] = []
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "help.md"
        document.write_text(knowledge_base(source), encoding="utf-8")
        with Knowledge.open(Path(folder) / "knowledge") as knowledge:
            knowledge.of(_WHO.tenant).add(document)
            agent = build_agent(knowledge=knowledge)
            for question in questions(source)[::step]:
                start = time.perf_counter()
                given: dict[str, str] = {}
                answer = None
                for mode, part in agent.stream(
                    {"messages": [("user", question.text)]}, context=_WHO, stream_mode=["custom", "values"]
                ):
                    if mode == "custom":
                        given |= {hit["id"]: hit["heading"].rpartition(" > ")[2] for hit in part.get("recalled", [])}
                    else:
                        answer = part["messages"][-1]
                took.append(time.perf_counter() - start)
                cited = [given[key] for key in answer.response_metadata["cited"]]
                good = cited[:1] == [question.heading] if question.heading else not cited
                if question.heading:
                    right.append(good)
                    asked.append(good or f"“{question.heading}”" in answer.text)
                    found.append(question.heading in given.values())
                    first.append(question.heading in list(given.values())[:1])
                else:
                    refused.append(good)
                if wrong and not good:
                    missing = " (not found)" if question.heading and not found[-1] else ""
                    print(
                        f"{question.text}\n    want {question.heading or 'a refusal'}{missing}; got {cited or answer.text}"
                    )
    took.sort()
    return Figures(
        entries=len(entries(source)),
        answerable=len(right),
        unanswerable=len(refused),
        right=_share(right),
        asked=_share(asked),
        refused=_share(refused),
        found=_share(found),
        first=_share(first),
        ms_p50=1000 * took[len(took) // 2],
        ms_p95=1000 * took[len(took) * 95 // 100],
    )


def _share(good: list[bool]) -> float:
    return sum(good) / max(len(good), 1)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--set", type=Path, action="append", metavar="FILE", help="a set; may be given several times")
    options.add_argument("--wrong", action="store_true", help="print each question that went wrong")
    chosen = options.parse_args()
    print("| set | entries | questions | right | right or asked back | refused | found | first | ms p50 / p95 |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for file in chosen.set or sets():
        made = measure(file, wrong=chosen.wrong)
        print(
            f"| {file.stem} | {made.entries} | {made.answerable} + {made.unanswerable} | {made.right:.1%} | {made.asked:.1%} "
            f"| {made.refused:.1%} | {made.found:.1%} | {made.first:.1%} | {made.ms_p50:.0f} / {made.ms_p95:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
