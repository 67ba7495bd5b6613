"""The wheel holds every module and data file of the package, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOT_PACKAGED = {"tests", "examples", "training", "docs", "deploy", "build", "dist", "out"}


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(listed.stdout.split("\n"))


def wanted() -> set[str]:
    ours = {name for name in tracked() if name.split("/")[0] not in NOT_PACKAGED and (ROOT / name).exists()}
    modules = {name for name in ours if name.endswith(".py")}
    data = {
        name
        for name in ours
        if name.startswith(("prompts/", "ui/assets/"))
        or name == "py.typed"
        or re.match(r"benchmarks/.*\.(md|txt)|memory/(forms\.txt|vocabulary\.npz)", name)
    }
    return modules | data


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in tracked():
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_is_the_tree(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    packaged = {name.removeprefix("visavis/") for name in names if name.startswith("visavis/")}
    assert packaged == wanted()


def test_packages_are_listed_by_name():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {str(Path(name).parent) for name in wanted() if name.endswith("__init__.py")}
    assert set(listed) == {"visavis" if folder == "." else f"visavis.{folder.replace('/', '.')}" for folder in folders}
