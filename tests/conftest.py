"""What every test stands on: its own data folder, no network, and the demo portrait analysed once."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from visavis.errors import AssetError
from visavis.render import assets
from visavis.render.portraits import analyse
from visavis.render.types import Portrait

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _own_data(tmp_path_factory, monkeypatch):
    """Memory, knowledge and conversations of a test are its own; downloaded models are shared by all."""
    monkeypatch.setenv("VISAVIS_DATA", str(tmp_path_factory.mktemp("data")))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Sockets inside the tests reach this machine only. Tests that fetch something do so in a child process."""
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(call):
    def guarded(self, *args):
        address = args[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
            pytest.fail(f"a test tried to reach {address[0]}:{address[1]}")
        return call(self, *args)

    return guarded


def _is_here(host):
    try:
        return host in {"", "localhost"} or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def models() -> dict[str, Path]:
    """The model files and the demo photograph, by name; in the normal cache, so a machine fetches them once."""
    code = "from visavis.render import assets; assets.pull()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetError(
            done.stderr.strip().splitlines()[-1], "The tests need the model files: run `visavis assets pull`."
        )
    return {found.asset.name: found.path for found in assets.status() if found.path}


@pytest.fixture(scope="session")
def astronaut(models) -> Path:
    """The demo photograph, 512x512."""
    return models["astronaut"]


@pytest.fixture(scope="session")
def portrait(astronaut) -> Portrait:
    """The demo photograph analysed at 512 pixels."""
    return analyse(astronaut)


@pytest.fixture(scope="session")
def portrait_small(astronaut) -> Portrait:
    """The demo photograph analysed at 256 pixels."""
    return analyse(astronaut, size=256)
