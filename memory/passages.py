"""One tenant's passages in RAM, and how they are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from .bm25 import Postings, Scores
from .embeddings import Encoder, Vectors
from .meaning import SAME, Meanings, bag, question_terms
from .relevance import Entry, fits
from .types import Passage
from .words import terms

_CLOSE: Final = 24
"""Passages that are compared with the query in full; at least as many as are wanted."""
_HEADING: Final = 0.4
"""What the words of the heading that the query takes up count for when those are chosen."""


class Index:
    """Passages with their inverted index and vectors; rebuilt when a document of the tenant changes."""

    def __init__(self, epoch: int, rows: Sequence[Any]) -> None:
        """*rows*: (passage, source, heading, text, vector as float16 bytes) each."""
        self.epoch = epoch
        self._rows = [row[:4] for row in rows]
        self._whole, self._titles = Postings(), Postings()
        for _, _, heading, text, _ in rows:
            self._whole.add(_keys(f"{heading}\n{text}"))
            self._titles.add(_keys(heading.rpartition(" > ")[2]))
        joined = np.frombuffer(b"".join(row[4] for row in rows), "<f2").astype(np.float32)
        self._vectors: Vectors = joined.reshape(len(rows), -1) if rows else joined.reshape(0, 0)

    def search(self, query: str, k: int, encoder: Encoder) -> list[Passage]:
        """At most *k* passages, best first; none that shares neither a word nor much of its wording with *query*."""
        if not self._rows:
            return []
        covered, titled = self._covered(query)
        similar = np.asarray(self._vectors @ encoder.encode_query(query), np.float64)
        near = covered + _HEADING * titled + encoder.weight * similar
        near[(covered <= 0) & (similar < encoder.floor)] = -1.0
        places = [place for place in np.argsort(-near, kind="stable")[: max(k, _CLOSE)].tolist() if near[place] >= 0]
        ranked = fits(query, [self._entry(place) for place in places])
        scores = {places[fit.place]: fit.score + encoder.weight * float(similar[places[fit.place]]) for fit in ranked}
        return [
            Passage(str(key), text, source, heading, round(scores[place], 4), round(float(min(1.0, covered[place])), 4))
            for place in sorted(scores, key=lambda place: -scores[place])[:k]
            for key, source, heading, text in [self._rows[place]]
        ]

    def _entry(self, place: int) -> Entry:
        _, _, heading, text = self._rows[place]
        above, _, title = heading.rpartition(" > ")
        return Entry(title, text, above)

    def _covered(self, query: str) -> tuple[Scores, Scores]:
        """For each passage the share of the query's words, weighted by rarity, that it speaks of, and that its heading does."""
        count = len(self._rows)
        share, titled, whole = np.zeros(count), np.zeros(count), 0.0
        for term in question_terms(query):
            present = _present(self._whole, term.stems, term.meanings)
            rarity = term.weight * float(np.log1p((count + 0.5) / (present.sum() + 0.5)))
            whole += rarity
            share += rarity * present
            titled += rarity * _present(self._titles, term.stems, term.meanings)
        return share / max(whole, 1e-9), titled / max(whole, 1e-9)


def _keys(text: str) -> list[str]:
    """What a text is indexed by: its words, and the numbers of their meanings."""
    found = bag(text)
    return [*found.stems, *terms(text), *(f"#{one}" for one in found.meanings)]


def _present(postings: Postings, stems: Sequence[str], known: Meanings) -> Scores:
    """For each document, how much it speaks of a term, in [0, 1]."""
    found = np.zeros(len(postings))
    counts = [postings.counts(stem) for stem in stems]
    if all(one is not None for one in counts):
        found = np.minimum.reduce([np.minimum(one[:-1], 1.0) for one in counts if one is not None])
    for meaning, grade in known.items():
        if (near := postings.counts(f"#{meaning}")) is not None:
            found = np.maximum(found, SAME * grade * np.minimum(near[:-1], 1.0))
    return found
