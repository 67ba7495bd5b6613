"""Okapi BM25 over turns, over each turn with its neighbours, and over sessions, from one growing inverted index.

Formula: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf of Lucene.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Places = NDArray[np.intp]

K1: Final = 1.2
B: Final = 0.75


class Postings:
    """Term to the documents that hold it; documents are numbered in the order they are added."""

    def __init__(self) -> None:
        self._postings: dict[str, tuple[array[int], array[float]]] = {}
        self._lengths: array[float] = array("d")

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, terms: Sequence[str], boosts: Iterable[str] = ()) -> None:
        """Append a document; *boosts* are terms that count twice and do not lengthen it."""
        document = len(self._lengths)
        counts = Counter(terms)
        for term in boosts:
            counts[term] += 2
        for term, count in counts.items():
            found = self._postings.get(term)
            if found is None:
                found = self._postings[term] = (array("q"), array("d"))
            found[0].append(document)
            found[1].append(count)
        self._lengths.append(len(terms))

    def counts(self, term: str) -> Scores | None:
        """How often each document holds *term*, float64 (documents + 1,), the last place 0; None when none does."""
        found = self._postings.get(term)
        if found is None:
            return None
        dense = np.zeros(len(self._lengths) + 1)
        dense[np.array(found[0], np.intp)] = found[1]
        return dense

    def lengths(self) -> Scores:
        """Terms of each document, float64 (documents + 1,), the last place 0."""
        return np.append(np.array(self._lengths), 0.0)


@dataclass(frozen=True, slots=True)
class Matches:
    """BM25 scores of one query, each float64 (documents,), at least 0."""

    turn: Scores
    window: Scores
    """Of the turn together with the one before and the one after it."""
    session: Scores
    hits: dict[str, Scores]
    """For each query term that occurs: its count in the window of each document."""


def match(postings: Postings, query: Iterable[str], *, before: Places, after: Places, session: Places) -> Matches:
    """Score every document against the terms of *query*.

    *before* and *after* hold each document's neighbours, -1 where there is none; *session* numbers its session from 0.
    """
    count = len(postings)
    lengths = postings.lengths()
    window_lengths = lengths[:-1] + lengths[before] + lengths[after]
    session_lengths = np.bincount(session, lengths[:-1]).astype(np.float64)
    turn, window, sessions = np.zeros(count), np.zeros(count), np.zeros(len(session_lengths))
    hits: dict[str, Scores] = {}
    for term, repeats in Counter(query).items():
        counts = postings.counts(term)
        if counts is None:
            continue
        near = counts[:-1] + counts[before] + counts[after]
        whole = np.bincount(session, counts[:-1], len(session_lengths)).astype(np.float64)
        turn += repeats * saturated(counts[:-1], lengths[:-1])
        window += repeats * saturated(near, window_lengths)
        sessions += repeats * saturated(whole, session_lengths)
        hits[term] = near
    return Matches(turn, window, sessions[session] if count else turn, hits)


def saturated(counts: Scores, lengths: Scores) -> Scores:
    """BM25 of one term in documents that hold it *counts* times."""
    documents, holding = len(counts), np.count_nonzero(counts)
    idf = np.log1p((documents - holding + 0.5) / (holding + 0.5))
    norm = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))
    return np.asarray(idf * counts * (K1 + 1) / np.maximum(counts + norm, 1e-9))
