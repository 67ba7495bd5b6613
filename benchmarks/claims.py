"""Facts by rule, against chat messages labelled by hand: two thirds English, a third of these typed carelessly, one third Chinese.

    python -m visavis.benchmarks.claims [--wrong]

Both sets were written without sight of the rules. By the misses in ``claims.txt`` (320 messages) the rules were then mended;
``claims_unread.txt`` (240) was run for its totals only. Each line is ``message => attribute=value; …``, with nothing after the
arrow when no lasting fact is in it. *junk* is the share of the messages without a fact from which one is taken all the same;
*precision* and *recall* count pairs of attribute and value.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..memory.claims import claims
from ..memory.facts import value_key


def labelled(source: str) -> list[tuple[str, set[tuple[str, str]]]]:
    """Each message of *source* with the pairs that a careful reader takes from it."""
    found = []
    for line in source.splitlines():
        message, _, pairs = line.partition("=>")
        facts = (pair.partition("=") for pair in pairs.split(";") if pair.strip())
        found.append((message.strip(), {(name.strip(), value.strip()) for name, _, value in facts}))
    return found


def measure(name: str = "claims", *, wrong: bool = False) -> dict[str, float]:
    """``<name>_<language>_junk``, ``_precision`` and ``_recall``, in [0, 1]. *wrong* prints each difference."""
    every = labelled(Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8"))
    scores: dict[str, float] = {}
    for language in ("english", "chinese"):
        messages = [one for one in every if any(letter >= "\u4e00" for letter in one[0]) == (language == "chinese")]
        junk = empty = right = taken = wanted = 0
        for message, facts in messages:
            found = {(claim.attribute, claim.value) for claim in claims(message, "user") if claim.kind != "not"}
            missed, extra = _without(facts, found), _without(found, facts)
            empty += not facts
            junk += not facts and bool(found)
            right += len(facts) - len(missed)
            taken += len(found)
            wanted += len(facts)
            if wrong and (missed or extra):
                print(f"{message}\n    missed {sorted(missed)}; taken {sorted(extra)}")
        scores |= {
            f"{name}_{language}_junk": junk / empty,
            f"{name}_{language}_precision": right / taken,
            f"{name}_{language}_recall": right / wanted,
        }
    return scores


def _without(some: set[tuple[str, str]], others: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of *some* that are not, but for case and punctuation, among *others*."""
    known = {(name, value_key(value)) for name, value in others}
    return {(name, value) for name, value in some if (name, value_key(value)) not in known}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--wrong", action="store_true", help="print each message of claims.txt that went wrong")
    wrong = options.parse_args().wrong
    for name, value in (measure(wrong=wrong) | measure("claims_unread")).items():
        print(f"{name} {value:.3f}")


if __name__ == "__main__":
    main()
