"""Importing the package and asking for help must stay cheap."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["torch", "gradio", "chromadb", "cv2", "av", "onnxruntime", "numpy", "langchain", "transformers"]


def loaded_after(code: str) -> list[str]:
    script = f"import sys, json\n{code}\nsys.stderr.write(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return json.loads(done.stderr)


def test_import_loads_nothing_heavy():
    assert loaded_after("import visavis") == []


@pytest.mark.parametrize("arguments", [["--help"], ["say", "--help"], ["memory", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = f"sys.argv = ['visavis', *{arguments!r}]\nfrom visavis.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    assert loaded_after(code) == []


def test_names_of_the_package_are_found():
    import visavis

    for name in visavis.__all__:
        assert getattr(visavis, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        visavis.nonsense  # noqa: B018
