"""Learns ``memory/vocabulary.npz`` from the questions in trades/ and the meanings in words/.

    pip install torch
    python training/vocabulary.py [--trades FOLDER] [--words FOLDER] [--epochs N] [--size D] [--to FILE]

Each file of trades/ is the help page of a business, with customers' questions under the entries that answer them, and questions
that none answers. Each line of words/ is one meaning: words and expressions that stand for each other, after a colon kinds of it,
after a bar what has to do with it.

First the meanings alone are learned: two expressions of a line, each the weighted sum of its words, shall be nearer to each other
than to those of other lines (InfoNCE, van den Oord et al., "Representation Learning with Contrastive Predictive Coding", 2018).
Then the questions: among the entries of two trades and "none of them", softmax of the score of memory/relevance.py, cross-entropy.
Questions take the place of some headings, so that they learn from each other; in part of the steps there are only a few entries, as
there are when an agent weighs what a search has found. Last, from trades kept apart, how likely a score is right.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from texts import Meaning, Trade, Words, joined, read_meanings, read_trade
from torch import Tensor, nn
from torch.nn import functional

from visavis.benchmarks.faq import entries, questions
from visavis.memory.relevance import OTHERS, USUAL, Entries
from visavis.memory.vocabulary import FILE, GRAMS, Vocabulary, grams
from visavis.memory.words import is_cjk

HERE: Final = Path(__file__).parent

_RATE: Final = 3e-3
_DROPPED: Final = 0.3
"""Share of the numbers of all vectors that a step leaves out."""
_UNSEEN: Final = 0.1
"""Share of the words that a step leaves out of a text, and of those known by their parts alone."""
_IN_PLACE: Final = 0.4
"""Share of the headings whose place a question takes."""
_FEW: Final = 0.25
"""Share of the steps with few entries."""
_MEANINGS: Final = 0.1
"""What the meanings count for beside the questions."""
_NONE: Final = 2.0
"""What a question that nothing answers counts for beside one that has an answer."""
_WARMTH: Final = 0.1
"""Temperature of the cosines between meanings."""
_RARE: Final = 2
_RARE_PAIR: Final = 4
"""Times that a word, and a pair of characters, must be seen to have a vector of its own."""
_HELD_OUT: Final = 20
"""Of so many trades one is kept to learn how sure a score makes."""
_FOUND: Final = 8
_LEVELS: Final = 7
_REACH: Final = 2.7
"""Numbers are stored as -7 to 7 times a scale, so that 7 is 2.7 standard deviations of the vector."""


class Model(nn.Module):
    """The vectors, the weights of the words and the constants of the score."""

    def __init__(self, known: Sequence[str], size: int) -> None:
        super().__init__()
        self.places = {word: place + 1 for place, word in enumerate(known)}
        self.vectors, self.weights = nn.Embedding(len(known) + 1, size, 0), nn.Embedding(len(known) + 1, 1, 0)
        self.grams, self.gram_weights = (
            nn.EmbeddingBag(GRAMS, size, mode="mean"),
            nn.EmbeddingBag(GRAMS, 1, mode="mean"),
        )
        for table in (self.vectors, self.grams):
            nn.init.normal_(table.weight, std=0.1)
        nn.init.zeros_(self.weights.weight)
        nn.init.constant_(self.gram_weights.weight, 0.5)
        with torch.no_grad():
            self.vectors.weight[0] = 0
        self.turned = nn.Parameter(torch.eye(size))
        begun = {
            "heading": 1.0, "text": 0.85, "above": 0.6, "both": 0.3, "rarity": 1.0, "answered": 8.0, "focus": 2.0, "title": 4.0,
            "whole": 4.0, "gap": 0.5, "gaps": 0.1, "none": 4.0,
        }  # fmt: skip
        self.constants = nn.ParameterDict({name: nn.Parameter(torch.tensor(value)) for name, value in begun.items()})

    def look_up(self, words: Words) -> tuple[Tensor, Tensor]:
        """Vectors (n, d) and weights (n,) of *words*."""
        places = torch.tensor([self.places.get(word, 0) for word in words])
        if self.training:
            places = torch.where(torch.rand(len(places)) < _UNSEEN, 0, places)
        parts = [grams(word) for word in words]
        starts = torch.tensor(np.cumsum([0, *map(len, parts)])[:-1])
        flat = torch.tensor([part for one in parts for part in one])
        weights = self.weights(places) + self.gram_weights(flat, starts)
        return self.vectors(places) + self.grams(flat, starts), functional.softplus(weights).squeeze(-1)

    def scores(self, trade: Trade) -> Tensor:
        """Of each question for each entry, as ``memory.relevance.Entries.fits`` has it; (questions, entries)."""
        known: dict[str, int] = {}
        asked = self._rows(trade.asked, known)
        count = len(known)
        heading, text, above = (self._rows(part, known) for part in (trade.headings, trade.texts, trade.above))
        vectors, weights = self.look_up(list(known))
        vectors = functional.dropout(vectors, _DROPPED, self.training)
        directions = functional.normalize(vectors, dim=-1, eps=1e-6)
        near = functional.pad(directions[:count] @ directions.T, (1, 0), value=-1)
        vectors, weights = functional.pad(vectors, (0, 0, 1, 0)), functional.pad(weights, (1, 0))
        learned = self.constants
        titled, told, topped = (near[:, part].amax(-1) for part in (heading, text, above))
        match = torch.maximum(
            torch.maximum(learned["heading"] * titled, learned["text"] * told), learned["above"] * topped
        )
        match = match + learned["both"] * torch.minimum(titled, told).clamp(min=0) * (1 - match)
        spoken = (match.clamp(0, 1).sum(1) + USUAL * OTHERS) / (match.shape[1] + OTHERS)
        rare = (1 - spoken).clamp(min=0.02) ** learned["rarity"]
        lacking = functional.pad((weights[1 : count + 1] * rare)[:, None] * (1 - match), (0, 0, 1, 0))
        counts = functional.pad(weights[1 : count + 1] * rare, (1, 0))[asked]
        missed = _spread(asked, torch.ones_like(counts), count + 1)[:, 1:] @ lacking[1:]
        return (
            learned["answered"] * (1 - missed / counts.sum(-1, keepdim=True).clamp(min=1e-6))
            + learned["focus"] * self._focus(functional.pad(near, (0, 0, 1, 0), value=-1), asked, heading, weights)
            + learned["title"] * _cosine(asked, heading, vectors, weights, self.turned)
            + learned["whole"] * _cosine(asked, text, vectors, weights, self.turned)
            - learned["gap"] * lacking[asked].amax(1)
            - learned["gaps"] * missed
        )

    def _focus(self, near: Tensor, asked: Tensor, heading: Tensor, weights: Tensor) -> Tensor:
        used = heading.unique()
        columns = torch.zeros(len(weights), dtype=torch.long)
        columns[used] = torch.arange(len(used))
        shares = weights[heading] * (heading > 0)
        shares = shares / shares.sum(-1, keepdim=True).clamp(min=1e-6)
        return near[:, used][asked].amax(1) @ _spread(columns[heading], shares, len(used)).T

    def _rows(self, texts: Sequence[Words], known: dict[str, int]) -> Tensor:
        """(texts, longest): 1 + the place of each word among *known*, which grows; 0 for none."""
        rows = torch.zeros(len(texts), max(1, *map(len, texts)), dtype=torch.long)
        for row, words in zip(rows, texts, strict=True):
            for place, word in enumerate(words):
                if not self.training or random.random() >= _UNSEEN:
                    row[place] = known.setdefault(word, len(known)) + 1
        return rows


def _spread(rows: Tensor, values: Tensor, count: int) -> Tensor:
    """(n, *count*): the sum of *values* for each of *rows*."""
    return torch.zeros(len(rows), count).scatter_add(1, rows, values)


def _cosine(asked: Tensor, told: Tensor, vectors: Tensor, weights: Tensor, turned: Tensor) -> Tensor:
    one, other = (_spread(rows, weights[rows], len(weights)) for rows in (asked, told))
    return (
        functional.normalize(one @ (vectors @ turned), dim=-1, eps=1e-6)
        @ functional.normalize(other @ vectors, dim=-1, eps=1e-6).T
    )


def loss_of(model: Model, trade: Trade) -> Tensor:
    """Cross-entropy of the right entries of *trade*, with "none" as one more."""
    asked_of: dict[int, list[int]] = {}
    for place, answer in enumerate(trade.answers):
        asked_of.setdefault(answer, []).append(place)
    moved = {
        answer: random.choice(places)
        for answer, places in asked_of.items()
        if answer >= 0 and random.random() < _IN_PLACE
    }
    headings = [trade.asked[moved[place]] if place in moved else words for place, words in enumerate(trade.headings)]
    scores = model.scores(replace(trade, headings=headings))
    scores = torch.cat([scores, model.constants["none"].expand(len(scores), 1)], 1)
    rest = [place for place in range(len(trade.asked)) if place not in moved.values()]
    none = len(headings)
    right = torch.tensor([answer if answer >= 0 else none for answer in trade.answers])
    counts = torch.ones(none + 1)
    counts[none] = _NONE
    return functional.cross_entropy(scores[rest], right[rest], counts, label_smoothing=0.02)


def loss_of_meanings(model: Model, meanings: Sequence[Meaning]) -> Tensor:
    """InfoNCE of pairs of expressions, one of each of *meanings*."""
    pairs = [
        (random.choice([words for words, grade in one if grade == 1]), random.choices(*zip(*one, strict=True))[0])
        for one in meanings
    ]
    known: dict[str, int] = {}
    rows = model._rows([first for first, _ in pairs] + [second for _, second in pairs], known)
    vectors, weights = model.look_up(list(known))
    vectors, weights = functional.pad(vectors, (0, 0, 1, 0)), functional.pad(weights, (1, 0))
    summed = functional.normalize(_spread(rows, weights[rows], len(weights)) @ vectors, dim=-1, eps=1e-6)
    near = summed[: len(pairs)] @ summed[len(pairs) :].T / _WARMTH
    right = torch.arange(len(pairs))
    return functional.cross_entropy(near, right) + functional.cross_entropy(near.T, right)


def steps(trades: Sequence[Trade]) -> Iterator[Trade]:
    """What one epoch learns from: the trades two by two, in part only a few entries of one."""
    pairs = []
    for chinese in (False, True):
        own = [trade for trade in trades if trade.chinese is chinese]
        random.shuffle(own)
        pairs += [own[place : place + 2] for place in range(0, len(own), 2)]
    random.shuffle(pairs)
    for pair in pairs:
        if random.random() >= _FEW:
            yield joined(pair)
            continue
        one = random.choice(pair)
        count = min(random.randint(3, 10), len(one.headings))
        first = random.randrange(len(one.headings) - count + 1)
        neighbours = list(range(first, first + count))
        yield one.only(random.choice([neighbours, random.sample(range(len(one.headings)), count)]))


def learn(trades: Sequence[Trade], meanings: Sequence[Meaning], *, size: int, epochs: int, warming: int = 40) -> Model:
    """A model of *size* numbers a word, after *warming* epochs of *meanings* alone and *epochs* of both."""
    seen = Counter(
        word for one in trades for part in (one.headings, one.texts, one.asked) for words in part for word in words
    )
    listed = {word for one in meanings for words, _ in one for word in words}
    known = [
        word
        for word, count in seen.most_common()
        if count >= (_RARE_PAIR if len(word) == 2 and is_cjk(word) else _RARE)
    ]
    model = Model([*known, *sorted(listed - set(known))], size)
    first = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(warming):
        mixed = random.sample(meanings, len(meanings))
        for place in range(0, len(mixed), 256):
            _step(first, loss_of_meanings(model, mixed[place : place + 256]))
    second = torch.optim.Adam(model.parameters(), _RATE)
    cooling = torch.optim.lr_scheduler.LambdaLR(
        second, lambda step: (1 + math.cos(math.pi * step / (epochs * ((len(trades) + 2) // 2)))) / 2
    )
    for epoch in range(epochs):
        begun, losses = time.monotonic(), []
        for trade in steps(trades):
            loss = loss_of(model, trade)
            losses.append(loss.item())
            if meanings:
                loss = loss + _MEANINGS * loss_of_meanings(model, random.sample(meanings, min(192, len(meanings))))
            _step(second, loss)
            cooling.step()
        print(
            f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.3f}, {time.monotonic() - begun:.0f} s", flush=True
        )
    return model.eval()


def _step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def save(model: Model, file: Path, odds: tuple[float, float, float] = (0, 1, 0)) -> None:
    """Writes what ``memory.vocabulary.Vocabulary`` reads; *odds* as ``odds_of`` gives them."""
    with torch.no_grad():
        known, weights = model.look_up(list(model.places))
    vectors, scale = _in_levels(known)
    parts, parts_scale = _in_levels(model.grams.weight)
    np.savez_compressed(
        file,
        words=np.frombuffer("\n".join(model.places).encode(), np.uint8),
        vectors=vectors,
        scale=scale,
        weights=_array(weights.expm1().log()).astype(np.float16),
        grams=parts,
        grams_scale=parts_scale,
        gram_weights=_array(model.gram_weights.weight[:, 0]).astype(np.float16),
        turned=_array(model.turned).astype(np.float16),
        **{name: np.float32(value.item()) for name, value in model.constants.items()},
        **dict(zip(("odds", "odds_score", "odds_gap"), map(np.float32, odds), strict=True)),
    )


def odds_of(known: Vocabulary, held_out: Sequence[Path]) -> tuple[float, float, float]:
    """The constants of ``Fit.log_odds``: a logistic regression on *held_out*, each question asked of what a search finds."""
    seen, right = [], []
    for file in held_out:
        source = file.read_text(encoding="utf-8")
        all_of_it = entries(source)
        search = Entries(all_of_it, known)
        for question in questions(source):
            found = [all_of_it[fit.place] for fit in search.fits(question.text)[:_FOUND]]
            if found:
                best = Entries(found, known).fits(question.text)[0]
                seen.append((1.0, best.score, best.gap))
                right.append(float(found[best.place].heading == question.heading))
    constants = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.LBFGS([constants], max_iter=200)

    def loss() -> Tensor:
        optimizer.zero_grad()
        missed = functional.binary_cross_entropy_with_logits(torch.tensor(seen) @ constants, torch.tensor(right))
        missed.backward()
        return missed

    optimizer.step(loss)
    first, second, third = constants.tolist()
    return first, second, third


def _in_levels(table: Tensor) -> tuple[np.ndarray, np.ndarray]:
    rows = _array(table)
    scale = np.maximum(rows.std(1) * _REACH / _LEVELS, 1e-6)
    return np.clip(np.round(rows / scale[:, None]), -_LEVELS, _LEVELS).astype(np.int8), scale.astype(np.float16)


def _array(table: Tensor) -> np.ndarray:
    return np.asarray(table.detach().numpy(), np.float32)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--trades", type=Path, default=HERE / "trades")
    options.add_argument("--words", type=Path, default=HERE / "words")
    options.add_argument("--epochs", type=int, default=7)
    options.add_argument("--size", type=int, default=256)
    options.add_argument("--to", type=Path, default=FILE)
    chosen = options.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    files = sorted(chosen.trades.rglob("*.md"))
    held_out = files[::_HELD_OUT]
    trades = [read_trade(file) for file in files if file not in held_out]
    model = learn(trades, read_meanings(chosen.words), size=chosen.size, epochs=chosen.epochs)
    save(model, chosen.to)
    save(model, chosen.to, odds_of(Vocabulary(chosen.to), held_out))


if __name__ == "__main__":
    main()
