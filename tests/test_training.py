"""What the vocabulary was learned from, and the program that learns it."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from visavis.benchmarks.faq import entries, questions
from visavis.memory.relevance import Entries
from visavis.memory.vocabulary import Vocabulary

TRAINING = Path(__file__).parents[1] / "training"
TRADES = sorted(TRAINING.glob("trades/*/*.md"))


def test_the_trades_are_well_formed():
    assert len(TRADES) > 300
    for file in TRADES:
        source = file.read_text(encoding="utf-8")
        headings = [entry.heading for entry in entries(source)]
        asked = questions(source)
        assert len(headings) >= 15, file
        assert all(entry.heading and entry.text for entry in entries(source)), file
        assert {one.heading for one in asked} == {*headings, ""}, file


def test_the_benchmark_is_not_learned_from():
    learned = {question.text for file in TRADES for question in questions(file.read_text(encoding="utf-8"))}
    for file in TRAINING.parent.glob("benchmarks/faq*.md"):
        own = {question.text for question in questions(file.read_text(encoding="utf-8"))}
        assert len(own & learned) <= 0.1 * len(own), file


@pytest.fixture(scope="module")
def program():
    pytest.importorskip("torch")
    spec = importlib.util.spec_from_file_location("training_vocabulary", TRAINING / "vocabulary.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.syspath_prepend(TRAINING)
    spec.loader.exec_module(module)
    yield module
    monkeypatch.undo()


def test_what_is_learned_is_what_is_used(program, tmp_path, monkeypatch):
    """A step makes the loss smaller, and the package scores with the file as the model did."""
    import torch

    random.seed(0)
    torch.manual_seed(0)
    trades = [program.read_trade(file) for file in TRADES[:2]]
    meanings = program.read_meanings(TRAINING / "words")[:200]
    raw = program.learn(trades, meanings, size=16, epochs=1, warming=1)
    model = program.learn(trades, meanings, size=16, epochs=6, warming=1)
    assert program.loss_of(model, trades[0]) < program.loss_of(raw, trades[0])
    monkeypatch.setattr(program, "_LEVELS", 127)
    program.save(model, tmp_path / "learned.npz")
    source = TRADES[0].read_text(encoding="utf-8")
    asked = Entries(entries(source), Vocabulary(tmp_path / "learned.npz"))
    with torch.no_grad():
        expected = model.scores(trades[0]).numpy()
    for question, row in zip(questions(source)[:20], expected, strict=False):
        found = {fit.place: fit.score for fit in asked.fits(question.text)}
        assert np.allclose([found[place] for place in range(len(row))], row, atol=0.3)
