"""The only reader of the environment and of the TOML file.

Every field can be set as ``VISAVIS_NAME`` in the environment or as ``name`` in ``visavis.toml`` in the working folder or in the
platform's configuration folder. The environment wins.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import platformdirs
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from .errors import InputError

_FILES = [Path(platformdirs.user_config_dir("visavis", appauthor=False)) / "visavis.toml", Path("visavis.toml")]


class Settings(BaseSettings):
    """Defaults of every command and of the Python API."""

    model_config = SettingsConfigDict(env_prefix="VISAVIS_", toml_file=_FILES, extra="forbid")

    cache: Path = Path(platformdirs.user_cache_dir("visavis", appauthor=False))
    """Models, photos and analysed portraits; may be deleted at any time."""
    data: Path = Path(platformdirs.user_data_dir("visavis", appauthor=False))
    """Memory, knowledge, conversations and their videos."""
    assets: Path | None = None
    """A folder that already holds the model files; looked at before anything is fetched."""
    offline: bool = False
    """Never fetch anything."""

    portrait: Path | None = None
    """The photo or short video; None is the demo photograph."""
    strict: bool = False
    """Refuse a photo that will not look right instead of doing the best that can be done."""
    voice: str = "espeak"
    language: str = "auto"
    """A BCP 47 tag or espeak-ng name; "auto" looks at the text."""
    matte: str = "selfie"
    animator: str = "warp"
    blur: Literal["off", "gaussian", "guided", "depth"] = "gaussian"
    radius: float = Field(default=14.0, ge=5, le=30)
    """Of the blur, in pixels of a 512-pixel-high picture."""
    bokeh: bool = False
    """Lights become discs, as a lens shows them; not with the blur "guided"."""
    background: str | Path | None = None
    """Instead of the photo's own background: a picture's path, "#RRGGBB" or "transparent"."""
    size: int = Field(default=512, ge=128, le=2048, multiple_of=2)
    """Width and height in pixels."""
    fps: float = Field(default=25.0, ge=10, le=60)
    seed: int = 0

    expressiveness: float = Field(default=1.0, ge=0, le=2)
    """How far mouth, brows and smile move; 1 is natural."""
    head: float = Field(default=1.0, ge=0, le=2)
    """How far the head moves; 0 keeps it still."""
    blink_rate: float = Field(default=1.0, ge=0, le=3)
    """How often the eyes blink."""
    gaze: float = Field(default=1.0, ge=0, le=2)
    """How far the eyes wander; 0 fixes them on the viewer."""
    mood: Literal["neutral", "friendly", "serious"] = "neutral"

    model: str = "offline"
    """Chat model: "offline", or "provider:name"."""
    embeddings: str = "hashing"
    """Of memory and knowledge: "hashing" (no model), "minilm", "multilingual", or the folder of an ONNX sentence encoder."""
    redact: bool = False
    """Take e-mail addresses, cards, IBANs and telephone numbers out of what is spoken and stored."""
    tenant: str = "default"
    user: str = "guest"

    def __init__(self, **values: Any) -> None:
        """Raises ``InputError`` that names each bad value, wherever it comes from."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError(_in_one_line(error), "Correct it and try again.") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def media(self) -> Path:
        """The folder of the videos made for the user; one for each (tenant, user), so that they can be forgotten together."""
        return self.data / "media" / sha256(f"{self.tenant}\0{self.user}".encode("utf-8", "replace")).hexdigest()[:24]

    def with_changes(self, **changes: Any) -> Settings:
        """A validated copy; changes that are None are left out. Raises ``InputError`` that names each bad value."""
        return Settings(**{**self.model_dump(), **{key: value for key, value in changes.items() if value is not None}})


def _in_one_line(error: ValidationError) -> str:
    return "; ".join(_problem(str(each["loc"][0]), each["input"], each["msg"]) for each in error.errors()) + "."


def _problem(name: str, value: object, message: str) -> str:
    """What is wrong with the *value* of a setting, what it may be, and what it is by default."""
    field = Settings.model_fields.get(name)
    if field is None:
        return f"There is no setting {name}"
    allowed = _allowed(field)
    default = "" if field.default is None else f" (default {_shown(field.default)})"
    return f"{name} = {value!r}: {f'allowed is {allowed}' if allowed else message}{default}"


def _allowed(field: FieldInfo) -> str:
    bounds = {
        name: getattr(each, name)
        for each in field.metadata
        for name in ("ge", "le", "multiple_of")
        if hasattr(each, name)
    }
    if bounds:
        steps = f" in steps of {bounds['multiple_of']:g}" if "multiple_of" in bounds else ""
        return f"{bounds['ge']:g} to {bounds['le']:g}{steps}"
    if get_origin(field.annotation) is Literal:
        *some, last = (repr(each) for each in get_args(field.annotation))
        return f"{', '.join(some)} or {last}"
    return "true or false" if field.annotation is bool else ""


def _shown(default: object) -> str:
    return f"{default:g}" if isinstance(default, float) else str(default)
