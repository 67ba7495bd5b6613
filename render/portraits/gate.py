"""Photos that cannot speak well, told apart before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import PortraitError
from ..types import Findings
from .doctor import TURNED


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a photo should not be used as it is."""

    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.problem} {self.fix}"


def gate(findings: Findings, *, strict: bool = False) -> tuple[Objection, ...]:
    """What speaks against rendering the photo of *findings*, the gravest first; nothing for a good one.

    Raises ``PortraitError`` with the first of them when *strict*.
    """
    objections = tuple(_objections(findings))
    if strict and objections:
        worst = objections[0]
        raise PortraitError(worst.problem, f"{worst.fix} Without strict checking it is rendered all the same.")
    return objections


def _objections(findings: Findings) -> Iterator[Objection]:
    if not findings.faces:
        yield Objection("No face was found.", "Use a photo in which a face looks at the camera.")
        return
    if findings.faces > 1:
        yield Objection(f"{findings.faces} faces were found.", "Crop the photo to the person who speaks.")
    if findings.covered:
        yield Objection(
            "Part of the face is covered or cannot be made out.",
            "Use a sharp photo without a mask, a hand or hair over the face.",
        )
    if abs(findings.yaw) > TURNED:
        side = "right" if findings.yaw > 0 else "left"
        yield Objection(
            f"The head is turned {abs(findings.yaw):.0f} degrees to the viewer's {side}.",
            f"Use a photo with less than {TURNED:.0f}.",
        )
    if findings.cut_off:
        yield Objection("The face is cut off by the edge of the photo.", "Use a photo with room around the head.")
