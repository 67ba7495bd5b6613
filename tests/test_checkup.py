"""What ``visavis doctor`` advises."""

from __future__ import annotations

import re

import onnxruntime
import pytest

from visavis import checkup

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.mark.parametrize(
    ("packages", "card", "providers", "words", "well"),
    [
        (["onnxruntime"], False, [CPU], CPU, True),
        (["onnxruntime"], True, [CPU], "NVIDIA card.*pip install 'onnxruntime-gpu", False),
        (["onnxruntime-gpu"], True, [CUDA, CPU], CUDA, True),
        (["onnxruntime", "onnxruntime-gpu"], True, [CUDA, CPU], "both .*pip uninstall", False),
    ],
)
def test_a_card_that_is_not_used_is_noticed(monkeypatch, packages, card, providers, words, well):
    monkeypatch.setattr(checkup, "_version", lambda package: "1.31" if package in packages else "")
    monkeypatch.setattr(checkup.shutil, "which", lambda _: "/usr/bin/nvidia-smi" if card else None)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: providers)
    found = checkup._onnxruntime()
    assert re.search(words, found.detail)
    assert found.ok == well
