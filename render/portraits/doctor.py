"""What a photo will do well and badly as a talking portrait, said before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from ..types import Box, Bytes, Findings, Floats
from .framing import Square, around, centre, face_height
from .landmarks import LEFT_EYE_OUTER, OVAL, RIGHT_EYE_OUTER, Face
from .measure import eye_gaps, mouth_gap

EYES_SHUT: Final = 0.4
TURNED: Final = 25.0
"""Yaw in degrees beyond which the far side of a face cannot be moved well."""

_SIZE: Final = 512
"""The framed size at which sharpness is judged."""
_OPEN_EYE: Final = 0.25
_SMALL_PX: Final = 100
_TILTED: Final = 20.0
_DARK, _BRIGHT, _SIDE_LIGHT = 0.2, 0.88, 0.2
_SOFT: Final = 12.0
_WIDE_OPEN: Final = 0.08
_WHOLE_FACE: Final = 1 - 1.7e-5
"""Score of the face mesh, a logit of 11, which whole faces exceed and faces with a mask or a half in shadow do not reach."""
_NOT_SKIN: Final = 40.0
"""Colour difference from the cheeks, CIE76, above which a spot beside the lips is not skin."""
_CHEEKS: Final = (205, 425, 50, 280)
_BESIDE_LIPS: Final = (164, 200, 186, 410, 43, 273)
_SPOT: Final = 0.03
"""Radius of a spot in face heights."""

_RIGHT_EAR, _LEFT_EAR, _FOREHEAD, _CHIN = 234, 454, 10, 152


def choose(faces: list[Face], width: int, height: int) -> Face | None:
    """The face that speaks: large and near the middle of the photo."""
    middle = np.array([width, height], np.float32) / 2

    def weight(face: Face) -> float:
        off = float(np.linalg.norm(face.oval.mean(axis=0) - middle) / np.linalg.norm(middle))
        return face.box.height * (1 - 0.5 * min(off, 1))

    return max(faces, key=weight, default=None)


def pose(landmarks: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the head in degrees, with the signs of ``Findings``."""
    across = landmarks[_LEFT_EAR] - landmarks[_RIGHT_EAR]
    up = landmarks[_FOREHEAD] - landmarks[_CHIN]
    eyes = landmarks[LEFT_EYE_OUTER] - landmarks[RIGHT_EYE_OUTER]
    yaw = np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))
    pitch = np.degrees(np.arctan2(up[2], np.hypot(up[0], up[1])))
    roll = np.degrees(np.arctan2(eyes[1], eyes[0]))
    return float(yaw), float(pitch), float(roll)


def examine(image: Bytes, faces: list[Face]) -> Findings:
    """The report on a photo, uint8 (h, w, 3), and the *faces* found in it; without anything about the matte."""
    height, width = image.shape[:2]
    face = choose(faces, width, height)
    if face is None:
        advice = (
            "No face was found: the picture stays still and sharp. Use a photo in which a face looks at the camera."
        )
        return Findings(faces=0, advice=(advice,))
    yaw, pitch, roll = pose(face.landmarks)
    square = around(face, width, height)
    framed, points = square.picture(image, _SIZE), square.points(face.landmarks, _SIZE)
    brightness, contrast, sharpness = _light(framed, points)
    findings = Findings(
        faces=len(faces),
        face_box=_inside(face.box, width, height),
        face_height_px=face_height(face.landmarks),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        brightness=brightness,
        contrast=contrast,
        sharpness=sharpness,
        mouth_gap=mouth_gap(face.landmarks),
        eyes_open=float(np.mean(eye_gaps(face.landmarks))) / _OPEN_EYE,
        cut_off=_cut_off(face, width, height),
        covered=face.score < _WHOLE_FACE,
    )
    return replace(findings, advice=tuple(_advice(findings, lips_hidden=_lips_hidden(framed, points))))


def frame_of(image: Bytes, faces: list[Face]) -> tuple[Square, Face | None]:
    """Where to cut the photo, and around whom."""
    height, width = image.shape[:2]
    face = choose(faces, width, height)
    return (around(face, width, height), face) if face else (centre(width, height), None)


def _inside(box: Box, width: int, height: int) -> Box:
    return Box(max(box.x0, 0), max(box.y0, 0), min(box.x1, width), min(box.y1, height))


def _cut_off(face: Face, width: int, height: int) -> bool:
    low, high = face.oval.min(axis=0), face.oval.max(axis=0)
    return bool(low.min() < 1 or high[0] > width - 2 or high[1] > height - 2)


def _light(framed: Bytes, landmarks: Floats) -> tuple[float, float, float]:
    """Mean luma, difference between the halves, variance of the Laplacian, all over the face."""
    grey = cv2.cvtColor(framed, cv2.COLOR_RGB2GRAY)
    half = len(OVAL) // 2
    ring = landmarks[[*OVAL, OVAL[0]], :2]
    sides = [_mask(ring[start : start + half + 1]) for start in (0, half)]
    means = [float(grey[side].mean()) / 255 if side.any() else 0.0 for side in sides]
    whole = sides[0] | sides[1]
    laplacian = cv2.Laplacian(grey, cv2.CV_32F)
    return float(np.mean(means)), abs(means[0] - means[1]), float(laplacian[whole].var()) if whole.any() else 0.0


def _lips_hidden(framed: Bytes, landmarks: Floats) -> bool:
    """Whether a spot beside the lips has another colour than the cheeks."""
    lab = cv2.cvtColor(np.asarray(framed, np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    reach = max(1, round(_SPOT * face_height(landmarks)))
    smooth = cv2.blur(lab, (2 * reach + 1, 2 * reach + 1))
    places = np.clip(np.rint(landmarks[:, :2]), 0, _SIZE - 1).astype(int)

    def colours(of: tuple[int, ...]) -> Floats:
        return np.asarray(smooth[places[list(of), 1], places[list(of), 0]], np.float32)

    difference = np.linalg.norm(colours(_BESIDE_LIPS) - colours(_CHEEKS).mean(axis=0), axis=1)
    return bool(difference.max() > _NOT_SKIN)


def _mask(polygon: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return cv2.fillPoly(np.zeros((_SIZE, _SIZE), np.uint8), [np.rint(polygon).astype(np.int32)], 1).astype(bool)


def _advice(findings: Findings, *, lips_hidden: bool) -> Iterator[str]:
    if findings.faces > 1:
        yield f"{findings.faces} faces were found; the largest one near the middle speaks. Crop the photo to one person."
    if findings.face_height_px < _SMALL_PX:
        yield f"The face is only {findings.face_height_px:.0f} pixels high and will look soft. Use a photo with a larger face."
    if abs(findings.yaw) > TURNED:
        side = "right" if findings.yaw > 0 else "left"
        turn = f"The head is turned {abs(findings.yaw):.0f} degrees to the viewer's {side}; its far side will suffer."
        yield f"{turn} Use a photo that faces the camera."
    if abs(findings.pitch) > _TILTED:
        way = "up" if findings.pitch > 0 else "down"
        yield f"The head looks {way} by {abs(findings.pitch):.0f} degrees; the mouth will look flat. Use a photo at eye level."
    if abs(findings.roll) > _TILTED:
        yield f"The head is tilted by {abs(findings.roll):.0f} degrees. A level head looks calmer."
    if findings.covered:
        yield "Part of the face is covered or cannot be made out; it will move wrongly. Use a sharp photo of the bare face."
    if findings.cut_off:
        yield "The face touches the edge of the photo and cannot move freely. Leave room around the head."
    yield from _light_advice(findings)
    if findings.mouth_gap > _WIDE_OPEN:
        yield "The mouth is open; closed lips will be guessed. Use a photo with the mouth shut."
    if findings.eyes_open < EYES_SHUT:
        yield "The eyes look shut and will stay so. Use a photo with open eyes."
    if lips_hidden:
        yield "Something lies beside or over the lips, such as a beard, a hand or a microphone; their movement will be less clear."


def _light_advice(findings: Findings) -> Iterator[str]:
    if findings.brightness < _DARK:
        yield "The face is dark. Use a photo with more light on the face."
    if findings.brightness > _BRIGHT:
        yield "The face is overexposed. Use a photo with softer light."
    if findings.contrast > _SIDE_LIGHT:
        yield "The light comes from one side; the mouth interior may not match. Use a photo with even light."
    if findings.sharpness < _SOFT:
        yield "The face is blurred or enlarged. Use a sharper or larger photo."
