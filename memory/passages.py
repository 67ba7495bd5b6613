"""One tenant's passages in RAM, and how they are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from .bm25 import Postings, Scores, match
from .embeddings import Encoder, Vectors
from .synonyms import related
from .types import Passage
from .words import terms

_SYNONYM: Final = 0.7
"""What a synonym counts for beside the word itself."""
_QUESTION: Final = 0.4
"""Of the heading's share in the rank: the words of the heading that the query takes up."""


class Index:
    """Passages with their inverted index and vectors; rebuilt when a document of the tenant changes."""

    def __init__(self, epoch: int, rows: Sequence[Any]) -> None:
        """*rows*: (passage, source, heading, text, vector as float16 bytes) each."""
        self.epoch = epoch
        self._rows = [row[:4] for row in rows]
        self._postings = Postings()
        for _, _, heading, text, _ in rows:
            self._postings.add(terms(f"{heading} {text}"), boosts=terms(heading))
        self._headings = [set(terms(row[2].rpartition(" > ")[2])) for row in rows]
        joined = np.frombuffer(b"".join(row[4] for row in rows), "<f2").astype(np.float32)
        self._vectors: Vectors = joined.reshape(len(rows), -1) if rows else joined.reshape(0, 0)

    def search(self, query: str, k: int, encoder: Encoder) -> list[Passage]:
        """At most *k* passages, best first; none that shares neither a word nor much of its wording with *query*."""
        if not self._rows:
            return []
        wanted = list(dict.fromkeys(terms(query)))
        covered, lexical = self._covered(wanted)
        similar = np.asarray(self._vectors @ encoder.encode_query(query), np.float64)
        heading = np.array(
            [len(self._touched(wanted) & one) / (len(one) + 1) if one else 0.0 for one in self._headings]
        )
        score = lexical / max(float(lexical.max()), 1e-9) + covered + _QUESTION * heading + encoder.weight * similar
        score[(covered <= 0) & (similar < encoder.floor)] = -1.0
        best = np.argsort(-score, kind="stable")[:k]
        return [
            Passage(
                str(key), text, source, title, round(float(score[place]), 4), round(float(min(1.0, covered[place])), 4)
            )
            for place in best.tolist()
            if score[place] >= 0
            for key, source, title, text in [self._rows[place]]
        ]

    def _touched(self, wanted: Sequence[str]) -> set[str]:
        return {*wanted, *(other for term in wanted for other in related(term))}

    def _covered(self, wanted: Sequence[str]) -> tuple[Scores, Scores]:
        """For each passage the idf-weighted share of the wanted terms that it holds, and its BM25; synonyms count in part."""
        count = len(self._rows)
        share, lexical, whole = np.zeros(count), np.zeros(count), 0.0
        nobody = np.full(count, -1, np.intp)
        for term in wanted:
            exact = self._postings.counts(term)
            near = [found for other in related(term) if (found := self._postings.counts(other)) is not None]
            present = np.zeros(count) if exact is None else np.minimum(exact[:-1], 1.0)
            for one in near:
                present = np.maximum(present, _SYNONYM * np.minimum(one[:-1], 1.0))
            idf = float(np.log1p((count + 0.5) / (np.count_nonzero(present) + 0.5)))
            whole += idf
            share += idf * present
            group = [(term, 1.0), *((other, _SYNONYM) for other in related(term))]
            scores = [
                weight * match(self._postings, [other], before=nobody, after=nobody, session=np.arange(count)).turn
                for other, weight in group
            ]
            lexical += np.max(scores, axis=0)
        return share / max(whole, 1e-9), lexical
