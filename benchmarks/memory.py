"""What memory finds, how fast, and what it never loses or leaks: `python benchmarks/memory.py [--full] [--json]`.

Without ``--full`` the counts are small and it takes a minute or two.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import dialogues
from dialogues import Dialogue

from visavis.memory import Memory, Mine
from visavis.memory.bm25 import Postings, match
from visavis.memory.dates import index_terms
from visavis.memory.embeddings import Encoder, load
from visavis.memory.words import terms

KS = (5, 10, 20)
Ranker = Callable[[str], list[int]]


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    own: int
    others: int
    kills: int
    fuzz: int
    per_process: int

    @classmethod
    def of(cls, full: bool) -> Sizes:  # noqa: FBT001
        return cls(10_000, 90_000, 200, 10_000, 500) if full else cls(10_000, 5_000, 5, 1_000, 50)


def fill(mine: Mine, dialogue: Dialogue) -> dict[str, int]:
    """Remember a dialogue; turn ids to keys."""
    return {
        mine.remember(turn.text, speaker=turn.speaker, at=turn.at, thread=turn.thread): turn.key
        for turn in dialogue.turns
    }


def rungs(dialogue: Dialogue, encoder: Encoder) -> Iterator[tuple[str, Ranker]]:
    """The ladder below ours, each a way to rank the turns of one dialogue."""
    vectors = encoder.encode([turn.text for turn in dialogue.turns])
    count = len(vectors)
    none, one = np.full(count, -1, np.intp), np.arange(count)
    raw, stemmed, dated = Postings(), Postings(), Postings()
    last: dict[str, int] = {}
    before, after = none.copy(), none.copy()
    for turn in dialogue.turns:
        raw.add(turn.text.split())
        stemmed.add(terms(turn.text))
        dated.add(terms(" ".join((turn.speaker, turn.text, *index_terms(turn.at)))))
        before[turn.key] = last.get(turn.thread, -1)
        if before[turn.key] >= 0:
            after[before[turn.key]] = turn.key
        last[turn.thread] = turn.key
    names = {dialogue.user, dialogue.friend}

    def dense(query: str) -> np.ndarray:
        return vectors @ encoder.encode_query(query)

    def nameless(query: str) -> str:
        return " ".join(word for word in query.split() if word.strip("?'s") not in names)

    def standard(values: np.ndarray) -> np.ndarray:
        return (values - values.mean()) / max(float(values.std()), 1e-9)

    def window(query: str) -> np.ndarray:
        return match(dated, terms(query), before=before, after=after, session=one).window

    scores: dict[str, Callable[[str], np.ndarray]] = {
        "dense, raw turn": dense,
        "dense, names out of the query": lambda query: dense(nameless(query)),
        "BM25, raw words": lambda query: match(raw, query.split(), before=none, after=none, session=one).turn,
        "BM25, stemmed": lambda query: match(stemmed, terms(query), before=none, after=none, session=one).turn,
        "BM25, date + speaker + window of 3": window,
        "the last two of both, fused": lambda query: (
            standard(window(query)) + encoder.weight * standard(dense(nameless(query)))
        ),
    }
    for name, score in scores.items():
        yield name, lambda query, score=score: np.argsort(-score(query), kind="stable")[: max(KS)].tolist()


def ladder(folder: Path, talks: list[Dialogue], embeddings: str | None) -> dict[str, Any]:
    """Evidence recall at 5, 10 and 20 for each rung and for ours; and ours by kind of question."""
    encoder = load(embeddings)
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    kinds: dict[str, list[float]] = defaultdict(list)
    first: dict[str, list[bool]] = defaultdict(list)

    def note(name: str, ranked: list[int], evidence: tuple[int, ...]) -> None:
        for k in KS:
            found[name][k].append(len(set(ranked[:k]) & set(evidence)) / len(evidence))

    with Memory.open(folder, embeddings, vectors="off") as memory:
        for number, talk in enumerate(talks):
            mine = memory.of(f"tenant {number}", talk.user)
            keys = fill(mine, talk)
            plain = [question for question in talk.questions if question.kind not in ("current", "old", "as of")]
            for name, ranker in rungs(talk, encoder):
                for question in plain:
                    note(name, ranker(question.text), question.evidence)
            for question in talk.questions:
                ranked = [keys[hit.id] for hit in mine.recall(question.text, max(KS), as_of=question.as_of)]
                if question in plain:
                    note("ours", ranked, question.evidence)
                    kinds[question.kind].append(found["ours"][10][-1])
                else:
                    first[question.kind].append(ranked[:1] == list(question.evidence))
    return {
        "recall": {name: {f"@{k}": _mean(values[k]) for k in KS} for name, values in found.items()},
        "recall@10 by kind": {kind: _mean(values) for kind, values in kinds.items()},
        "value at rank 1": {kind: {"share": _mean(values), "questions": len(values)} for kind, values in first.items()},
    }


def speed(folder: Path, sizes: Sizes, seed: int) -> dict[str, float]:
    """Milliseconds of writes and recalls in a large store, and seconds of the first query of a new process."""
    rng = random.Random(seed)
    talks = dialogues.make(seed + 1, users=4, sessions=20)
    said = [turn for talk in talks for turn in talk.turns]
    asked = [question.text for talk in talks for question in talk.questions]
    writes, recalls = [], []
    with Memory.open(folder) as memory:
        mine = memory.of("acme", "ada")
        for number in range(sizes.own + sizes.others):
            turn = rng.choice(said)
            owner = mine if number < sizes.own else memory.of(f"tenant {number % 7}", f"user {number % 97}")
            text = f"{turn.text} ({number})"
            start = time.perf_counter()
            owner.remember(text, speaker=turn.speaker, at=turn.at, thread=f"{turn.thread}/{number // 400}")
            writes.append(time.perf_counter() - start)
        mine.recall("warm up")
        for _ in range(300):
            start = time.perf_counter()
            mine.recall(rng.choice(asked), 10)
            recalls.append(time.perf_counter() - start)
    code = (
        "import time; start = time.perf_counter()\nfrom visavis.memory import Memory\n"
        f"Memory.open({str(folder)!r}).of('acme', 'ada').recall('Which place did Anna travel to?')\n"
        "print(time.perf_counter() - start)"
    )
    cold = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    return {
        "memories of one user": sizes.own,
        "memories in the store": sizes.own + sizes.others,
        "write_ms_p50": _quantile(writes, 0.5),
        "write_ms_p95": _quantile(writes, 0.95),
        "recall_ms_p50": _quantile(recalls, 0.5),
        "recall_ms_p95": _quantile(recalls, 0.95),
        "first_query_cold_s": round(cold, 3),
    }


def forgetting(folder: Path, talks: list[Dialogue]) -> dict[str, float]:
    """Seconds to forget a user, and how often words only that user said are left in any file."""
    with Memory.open(folder) as memory:
        victim = memory.of("acme", "canary")
        for number, talk in enumerate(talks[:3]):
            fill(memory.of("acme", f"bystander {number}"), talk)
            for turn in talk.turns:
                victim.remember(
                    f"CANARY{number}X{turn.key} {turn.text}", speaker="user", at=turn.at, thread=turn.thread
                )
        memory.reindex()
        victim.recall("CANARY")
        start = time.perf_counter()
        victim.forget(everything=True)
        seconds = time.perf_counter() - start
        left = sum(file.read_bytes().count(b"CANARY") for file in folder.rglob("*") if file.is_file())
    return {"forget_s": round(seconds, 3), "canaries_left": left}


def isolation(folder: Path, calls: int, seed: int) -> dict[str, int]:
    """Calls by users with hostile names, and how many gave back another's words."""
    rng = random.Random(seed)
    alphabet = ["a", "b", "'", '"', "/", "\\", "%", "_", "..", "\n", "\0", ";--", "*", "é", "李", "{}", " "]
    spaces = list(
        {("".join(rng.choices(alphabet, k=2)) + "t", "".join(rng.choices(alphabet, k=2)) + "u") for _ in range(60)}
    )
    spaces += [("at", "bu"), ("atb", "u"), ("a", "tbu"), ("AT", "BU")]
    leaks = 0
    with Memory.open(folder, vectors="off") as memory:
        for call in range(calls):
            number = rng.randrange(len(spaces))
            mine = memory.of(*spaces[number])
            if call % 4 == 0:
                mine.remember(f"my secret is code{number}x and {call}", speaker="user", thread=rng.choice(alphabet))
            elif call % 4 == 1:
                leaks += any(f"code{number}x" not in turn.text for turn in mine.turns())
            else:
                leaks += any(
                    f"code{number}x" not in hit.text for hit in mine.recall(f"secret {rng.choice(alphabet)} code", 20)
                )
    return {"calls": calls, "leaks": leaks}


_WRITER = """
import sys
from visavis.memory import Memory
mine = Memory.open(sys.argv[1], vectors="off").of("acme", "ada")
for number in range(int(sys.argv[3])):
    mine.remember(f"process {sys.argv[2]} turn {number}", speaker="user")
    print(number, flush=True)
"""


def kills(folder: Path, trials: int, seed: int) -> dict[str, int]:
    """Writers killed at random points; how many turns they had been told were stored are missing afterwards."""
    rng = random.Random(seed)
    lost = told = 0
    for trial in range(trials):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder), str(trial), "100000"], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.1))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = 1 + writer.stdout.read().count("\n")
        writer.wait()
        writer.stdout.close()
        with Memory.open(folder, vectors="off") as memory:
            turns = memory.of("acme", "ada").turns(1_000_000)
        kept = sum(turn.text.startswith(f"process {trial} ") for turn in turns)
        told += acknowledged
        lost += max(0, acknowledged - kept)
    return {"trials": trials, "acknowledged": told, "lost": lost}


def processes(folder: Path, count: int) -> dict[str, int]:
    """Four processes write one user's memory while this one reads it; turns lost, and turns stored that recall did not see."""
    with Memory.open(folder, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        mine.remember("process 9 turn 0", speaker="user")
        mine.recall("process")
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, str(folder), str(number), str(count)], stdout=subprocess.DEVNULL
            )
            for number in range(4)
        ]
        for writer in writers:
            writer.wait()
        kept = len(mine.turns(1_000_000)) - 1
        stale = sum(not mine.recall(f"process {number} turn {count - 1}", 5) for number in range(4))
        stale += sum(
            f"process {number} " not in mine.recall(f"process {number} turn {count - 1}", 1)[0].text
            for number in range(4)
        )
    return {"written": 4 * count, "lost": 4 * count - kept, "stale": stale}


def _mean(values: list[Any]) -> float:
    return round(float(np.mean(values)), 3)


def _quantile(seconds: list[float], share: float) -> float:
    return round(1000 * float(np.quantile(seconds, share)), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the counts that the goals name")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--embeddings", help="folder of an ONNX sentence encoder")
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sizes = Sizes.of(options.full)
    talks = dialogues.make(options.seed, users=options.users, sessions=options.sessions)
    folder = Path(tempfile.mkdtemp(prefix="visavis-bench-"))
    try:
        result: dict[str, Any] = {
            "turns": sum(len(talk.turns) for talk in talks),
            "questions": sum(len(talk.questions) for talk in talks),
            **ladder(folder / "ladder", talks, options.embeddings),
            "speed": speed(folder / "speed", sizes, options.seed),
            "forgetting": forgetting(folder / "forgetting", talks),
            "isolation": isolation(folder / "isolation", sizes.fuzz, options.seed),
            "processes": processes(folder / "processes", sizes.per_process),
            "kill -9": kills(folder / "kills", sizes.kills, options.seed),
        }
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        if not isinstance(value, dict):
            print(f"{name}: {value}")
            continue
        print(f"\n{name}")
        for key, entry in value.items():
            shown = (
                "  ".join(f"{part} {number:<6}" for part, number in entry.items()) if isinstance(entry, dict) else entry
            )
            print(f"  {key:<36} {shown}")


if __name__ == "__main__":
    main()
