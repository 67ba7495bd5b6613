"""Model files are had whole and genuine, or not at all."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from visavis.errors import AssetError
from visavis.render import assets, wheels
from visavis.render.assets import Asset
from visavis.render.wheels import Wheel
from visavis.settings import Settings

WHEEL = Wheel("fake-models", "1.0", size=2000)
FILES = {"one.bin": b"one " * 100, "two.bin": b"two " * 200}
PACKED = "fake_models-1.0-py3-none-any.whl"


def make_wheel(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    info = "fake_models-1.0.dist-info"
    members = {f"fake/{name}": data for name, data in files.items()} | {
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: fake-models\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*members, f"{info}/RECORD"]).encode()
    with zipfile.ZipFile(folder / PACKED, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return folder / PACKED


@pytest.fixture
def catalogue(monkeypatch):
    """Two assets in one wheel."""
    entries = {
        name[:3]: Asset(name[:3], name, WHEEL, f"fake/{name}", hashlib.sha256(data).hexdigest(), len(data), "MIT", "")
        for name, data in FILES.items()
    }
    monkeypatch.setattr(assets, "ASSETS", entries)
    return entries


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(cache=tmp_path / "cache", assets=None, offline=False)


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """A package index that is a folder, for pip and for uv."""
    folder = tmp_path / "index"
    make_wheel(folder)
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
    return folder


class Delivery(list):
    """Instead of the network: wheels come from ``source``; the list holds what was asked for."""

    def __init__(self, source: Path) -> None:
        self.source = source

    def download(self, wheel: Wheel, folder: Path) -> None:
        self.append(wheel)
        shutil.copy(self.source, folder)


@pytest.fixture
def delivered(tmp_path, monkeypatch) -> Delivery:
    delivery = Delivery(make_wheel(tmp_path / "source"))
    monkeypatch.setattr(wheels, "download", delivery.download)
    return delivery


def stored(settings: Settings) -> dict[str, bytes]:
    """What is in the cache, locks aside."""
    folder = settings.cache / "assets"
    return (
        {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith(".lock")}
        if folder.exists()
        else {}
    )


def test_every_asset_says_where_it_is_from():
    assert {"face_detection", "face_landmark", "selfie_segmentation", "astronaut"} <= assets.ASSETS.keys()
    for asset in assets.ASSETS.values():
        assert len(bytes.fromhex(asset.sha256)) == 32
        assert asset.size > 0
        assert asset.licence
        assert asset.source.startswith(asset.wheel.requirement)


def test_the_real_files_are_what_the_table_says(models):
    assert models.keys() == assets.ASSETS.keys()
    for name, file in models.items():
        assert hashlib.sha256(file.read_bytes()).hexdigest() == assets.ASSETS[name].sha256


def test_one_download_by_pip_serves_all_members_of_a_wheel(catalogue, settings, index):
    file = assets.path("one", settings)
    assert file.read_bytes() == FILES["one.bin"]
    assert stored(settings) == FILES
    (index / PACKED).unlink()
    assert assets.path("two", settings).read_bytes() == FILES["two.bin"]


def test_an_interpreter_without_pip_uses_uv(catalogue, settings, index, monkeypatch):
    if not shutil.which("uv"):
        pytest.skip("uv is not on the path")
    monkeypatch.setattr(wheels, "find_spec", lambda name: None)
    assert assets.path("one", settings).read_bytes() == FILES["one.bin"]
    assert stored(settings) == FILES


def test_without_pip_and_uv_the_error_says_how_to_get_one(catalogue, settings, monkeypatch):
    monkeypatch.setattr(wheels, "find_spec", lambda name: None)
    monkeypatch.setattr(wheels.shutil, "which", lambda name: None)
    with pytest.raises(AssetError, match="ensurepip"):
        assets.path("one", settings)
    assert stored(settings) == {}


def test_an_index_without_the_wheel_gives_one_line(catalogue, settings, index):
    (index / PACKED).unlink()
    with pytest.raises(AssetError, match=r"fake-models==1\.0 could not be fetched") as caught:
        assets.path("one", settings)
    assert "\n" not in str(caught.value)
    assert stored(settings) == {}


def test_a_download_that_takes_too_long_is_given_up(catalogue, settings, monkeypatch):
    def late(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(wheels.subprocess, "run", late)
    with pytest.raises(AssetError, match="did not arrive"):
        assets.path("one", settings)


def test_nothing_is_shown_where_stderr_is_no_terminal(catalogue, settings, index, capfd):
    assets.pull(settings=settings)
    assert capfd.readouterr() == ("", "")


def test_a_file_with_another_hash_never_reaches_the_cache(catalogue, settings, delivered):
    make_wheel(delivered.source.parent, FILES | {"one.bin": b"evil" * 100})
    with pytest.raises(AssetError, match="not the file that was published"):
        assets.path("one", settings)
    assert stored(settings) == {}


@pytest.mark.parametrize("damage", ["cut", "empty", "member missing", "bytes flipped"])
def test_a_damaged_download_never_reaches_the_cache(catalogue, settings, delivered, damage):
    data = bytearray(delivered.source.read_bytes())
    if damage == "member missing":
        make_wheel(delivered.source.parent, {})
    elif damage == "bytes flipped":
        start = data.index(b"one.bin") + len(b"one.bin")
        data[start : start + 8] = b"\xff" * 8
        delivered.source.write_bytes(data)
    else:
        delivered.source.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    with pytest.raises(AssetError):
        assets.path("one", settings)
    assert stored(settings) == {}


def test_an_interrupted_download_leaves_nothing(catalogue, settings, monkeypatch):
    def interrupted(wheel, folder):
        make_wheel(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(wheels, "download", interrupted)
    with pytest.raises(KeyboardInterrupt):
        assets.path("one", settings)
    assert stored(settings) == {}


def test_a_broken_copy_in_the_cache_is_fetched_again(catalogue, settings, delivered):
    assets.pull(settings=settings)
    (settings.cache / "assets" / "one.bin").write_bytes(b"x" * len(FILES["one.bin"]))
    assert [found.path is None for found in assets.status(settings)] == [True, False]
    assert assets.path("one", settings).read_bytes() == FILES["one.bin"]
    assert delivered == [WHEEL, WHEEL]


def test_good_copies_are_not_fetched_again(catalogue, settings, delivered):
    assert assets.pull(settings=settings) == assets.pull(["two", "one"], settings)
    assert delivered == [WHEEL]


def test_the_folder_of_the_user_is_used_without_fetching(catalogue, settings, delivered, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "one.bin").write_bytes(FILES["one.bin"])
    (tmp_path / "mine" / "two.bin").write_bytes(b"something else")
    mine = settings.with_changes(assets=tmp_path / "mine")
    assert assets.path("one", mine) == tmp_path / "mine" / "one.bin"
    assert delivered == []
    assert assets.path("two", mine).parent == settings.cache / "assets"


def test_offline_nothing_is_fetched(catalogue, settings, delivered):
    offline = settings.with_changes(offline=True)
    with pytest.raises(AssetError, match="visavis assets pull"):
        assets.path("one", offline)
    assert delivered == []
    assets.pull(settings=settings)
    assert assets.path("one", offline).read_bytes() == FILES["one.bin"]


def test_an_unknown_name_lists_the_known_ones(settings):
    with pytest.raises(AssetError, match="face_landmark"):
        assets.path("nose", settings)


def test_a_cache_that_cannot_be_written_is_named(catalogue, settings, delivered):
    settings.cache.write_text("a file where the folder should be")
    with pytest.raises(AssetError, match="VISAVIS_CACHE"):
        assets.path("one", settings)


def test_a_full_disk_leaves_nothing(catalogue, settings, delivered, monkeypatch):
    def full(source, target):
        target.write(source.read(10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(assets.shutil, "copyfileobj", full)
    with pytest.raises(AssetError, match="No space left"):
        assets.path("one", settings)
    assert stored(settings) == {}


def test_a_cache_that_is_complete_need_not_be_writable(catalogue, settings, delivered, monkeypatch):
    assets.pull(settings=settings)
    monkeypatch.setattr(assets, "FileLock", None)
    monkeypatch.setattr(assets.tempfile, "mkstemp", None)
    assert assets.path("two", settings).read_bytes() == FILES["two.bin"]


def test_of_two_processes_one_downloads(tmp_path, catalogue):
    source = make_wheel(tmp_path / "source")
    entries = [replace(entry) for entry in catalogue.values()]
    script = f"""
import pathlib, shutil, time
from visavis.render import assets, wheels
from visavis.render.assets import Asset
from visavis.render.wheels import Wheel
from visavis.settings import Settings

def download(wheel, folder):
    with open({str(tmp_path / "downloads")!r}, "a") as log:
        log.write("x")
    time.sleep(0.5)
    shutil.copy({str(source)!r}, folder)

wheels.download = download
assets.ASSETS.clear()
assets.ASSETS.update({{entry.name: entry for entry in {entries!r}}})
settings = Settings(cache=pathlib.Path({str(tmp_path / "cache")!r}), assets=None, offline=False)
print(assets.path("two", settings).read_bytes() == {FILES["two.bin"]!r})
"""
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0].strip() for process in running] == ["True"] * 3
    assert (tmp_path / "downloads").read_text() == "x"


def test_a_lock_that_is_never_released_is_named(catalogue, settings, delivered, monkeypatch):
    monkeypatch.setattr(assets, "_LOCK_S", 0.05)
    (settings.cache / "assets").mkdir(parents=True)
    with (
        assets.FileLock(settings.cache / "assets" / ".fake-models.lock"),
        pytest.raises(AssetError, match="Another process"),
    ):
        assets.path("one", settings)


def test_tests_reach_this_machine_only():
    with socket.socket() as outside, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
