"""How far a picture or a matte is from the truth, and the table of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from visavis.render.light import to_codes, to_linear
from visavis.render.types import Bytes, Floats


def blurred(background: Bytes, sigma: float) -> Floats:
    """The exact backdrop: a Gaussian of *sigma* pixels in linear light, cut at the frame and normalised; sRGB codes float32 (h,
    w, 3)."""
    size = 2 * int(np.ceil(4 * sigma)) + 1

    def filtered(values: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(values, (size, size), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)

    inside = filtered(np.ones(background.shape[:2], np.float32))[:, :, None]
    return to_codes(filtered(to_linear(background)) / inside)


def difference(one: Floats, other: Floats) -> Floats:
    """CIE 1976 colour difference per pixel, of sRGB codes (h, w, 3)."""
    labs = [cv2.cvtColor(np.clip(image, 0, 255).astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for image in (one, other)]
    return np.asarray(np.linalg.norm(labs[0] - labs[1], axis=2), np.float32)


def ring(alpha: Floats, sigma: float) -> np.ndarray:
    """Background within two *sigma* of the person: where a halo shows."""
    reach = 2 * round(2 * sigma) + 1
    near = cv2.dilate((alpha >= 0.02).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return (near > 0) & (alpha < 0.02)


def edge(alpha: Floats) -> np.ndarray:
    """Where person and background mix."""
    return (alpha > 0.05) & (alpha < 0.95)


def matte_errors(found: Floats, truth: Floats) -> tuple[float, float, float]:
    """Mean absolute, mean squared and mean squared gradient error, all x1000, within 15 pixels of the true edge.

    The gradient is that of a Gaussian derivative with sigma 1.4, as in the Alpha Matting benchmark (Rhemann et al., CVPR 2009).
    """
    soft = ((truth > 0.003) & (truth < 0.997)).astype(np.uint8)
    band = cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (31, 31))) > 0
    error = (found - truth)[band]
    slope = (_gradient(found) - _gradient(truth))[band]
    return 1e3 * float(np.abs(error).mean()), 1e3 * float((error**2).mean()), 1e3 * float((slope**2).mean())


def _gradient(alpha: Floats) -> Floats:
    x = np.arange(-4, 5) / 1.4
    bell = np.exp(-x * x / 2)
    kernel = np.outer(bell, -x * bell)
    kernel = (kernel / np.linalg.norm(kernel)).astype(np.float32)
    return np.hypot(cv2.filter2D(alpha, -1, kernel), cv2.filter2D(alpha, -1, kernel.T))


def report(
    about: str | None, measure: Callable[[], Mapping[str, Mapping[str, Any]]], columns: Mapping[str, str]
) -> None:
    """The program of a benchmark: print what *measure* gives, row by row, *columns* being key and title; ``--json`` for one object.

    A row says under "met" whether its goal is.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    arguments = parser.parse_args()
    rows = measure()
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'':44}" + "".join(f"{title:>10}" for title in columns.values()))
    for name, row in rows.items():
        cells = ["" if row[key] is None else f"{row[key]:.4g}" for key in columns]
        print(f"{name:44}" + "".join(f"{cell:>10}" for cell in cells) + ("" if row["met"] else "  missed"))
