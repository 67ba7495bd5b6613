"""A photo becomes a framed, measured portrait, or a one-line error; the second time it costs nothing."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from visavis.errors import AssetError, BackendError, PortraitError
from visavis.render.portraits import analyse, cache, doctor, examine, framing, measure, reading
from visavis.render.portraits.landmarks import Face, Landmarker
from visavis.render.tflite import Network
from visavis.render.types import Box
from visavis.settings import Settings

GOLDEN = {
    1: (222.8, 131.8),
    10: (227.1, 70.0),
    152: (220.3, 176.5),
    234: (179.4, 111.7),
    454: (270.6, 116.7),
    33: (194.1, 101.1),
    133: (213.2, 104.0),
    263: (256.4, 104.5),
    362: (236.8, 105.3),
    61: (200.8, 139.1),
    291: (246.0, 141.7),
    13: (222.8, 142.7),
    14: (222.4, 149.7),
    78: (203.5, 140.0),
    308: (243.1, 142.3),
}
"""Landmark index -> x, y in the demo photograph, stored once from a run whose drawing was looked at."""


@pytest.fixture(scope="module")
def landmarker(models) -> Landmarker:
    return Landmarker()


@pytest.fixture(scope="module")
def photo(astronaut):
    return reading.decode(astronaut.read_bytes(), "astronaut")


@pytest.fixture
def own_cache(tmp_path, models) -> Settings:
    """An empty cache for portraits; the models come from the normal one."""
    return Settings(cache=tmp_path / "cache", assets=models["astronaut"].parent)


@pytest.fixture
def runs(monkeypatch):
    """Every picture that is shown to a network."""
    shown = []
    run = Network.run
    monkeypatch.setattr(Network, "run", lambda self, image: shown.append(image.shape) or run(self, image))
    return shown


# Reading


def saved(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def gradient(mode: str = "RGB") -> Image.Image:
    """96x64, dark at the top left, bright at the bottom right."""
    ramp = np.add.outer(np.arange(64), np.arange(96)) * 1.5
    return Image.fromarray(ramp.astype(np.uint8)).convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_common_formats_are_read(kind):
    pixels = reading.decode(saved(gradient("L" if kind == "GIF" else "RGB"), kind), "photo")
    assert (pixels.shape, pixels.dtype) == ((64, 96, 3), np.uint8)
    assert_allclose(pixels, np.asarray(gradient()), atol=8)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "YCbCr", "LA", "RGBA"])
def test_every_colour_mode_becomes_rgb(mode):
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    pixels = reading.decode(saved(gradient().convert(mode), kind), "photo")
    assert pixels.shape == (64, 96, 3)
    assert abs(float(pixels.mean()) - np.asarray(gradient()).mean()) < 6


def test_sixteen_bits_are_scaled_not_clipped():
    wide = np.asarray(gradient("L")).astype(np.uint16) * 257
    pixels = reading.decode(saved(Image.fromarray(wide), "PNG"), "photo")
    assert_array_equal(pixels[:, :, 0], np.asarray(gradient("L")))


def test_floating_point_pictures_are_scaled():
    wide = np.asarray(gradient("L")).astype(np.float32) / 255
    assert_array_equal(
        reading.decode(saved(Image.fromarray(wide), "TIFF"), "photo")[:, :, 1], np.asarray(gradient("L"))
    )


def test_what_is_transparent_becomes_white():
    clear = gradient("RGBA")
    clear.putalpha(Image.fromarray(np.repeat(np.uint8([[0] * 48 + [255] * 48]), 64, axis=0)))
    pixels = reading.decode(saved(clear, "PNG"), "photo")
    assert (pixels[:, :48] == 255).all()
    assert_array_equal(pixels[:, 48:], np.asarray(gradient())[:, 48:])


def test_a_rotated_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = reading.decode(saved(gradient(), "PNG", exif=exif), "photo")
    assert_array_equal(pixels, np.rot90(np.asarray(gradient()), -1))


def test_the_first_picture_of_an_animation_is_taken():
    frames = [gradient("L"), Image.new("L", (96, 64), 255)]
    pixels = reading.decode(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), "photo")
    assert_allclose(pixels, np.asarray(gradient()), atol=2)


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (body, b"IDAT")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


BAD = {
    "text": (b"This is not a picture.", "not a picture"),
    "empty": (b"", "is empty"),
    "one pixel": (saved(Image.new("RGB", (1, 1)), "PNG"), "only 1x1 pixels"),
    "thin": (saved(Image.new("RGB", (2000, 20)), "PNG"), "only 2000x20 pixels"),
    "huge header": (png_header(20_000, 20_000), "megapixels"),
    "large header": (png_header(9_000, 9_000), "megapixels"),
    "empty header": (png_header(0, 0), "damaged|only 0x0|not a picture"),
    "header only": (png_header(200, 200), "damaged"),
    "cut JPEG": (saved(gradient().resize((400, 400)), "JPEG", quality=95)[:2000], "damaged"),
    "cut PNG": (saved(gradient().resize((400, 400)), "PNG")[:900], "damaged"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "not a picture"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_gives_one_line_with_the_fix(tmp_path, case):
    data, words = BAD[case]
    file = tmp_path / "photo.png"
    file.write_bytes(data)
    for use in (analyse, examine):
        with pytest.raises(PortraitError, match=words) as caught:
            use(file)
        assert "\n" not in str(caught.value)
        assert caught.value.fix


def test_what_is_no_file_gives_one_line(tmp_path):
    for photo, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "absent.png", "There is no picture"),
        ("a\0b\nc", "There is no picture"),
        ("x" * 5000, "cannot be read"),
    ):
        with pytest.raises(PortraitError, match=words) as caught:
            analyse(photo)
        assert str(caught.value).isprintable()


def test_a_file_of_gigabytes_is_not_read(tmp_path):
    file = tmp_path / "large.png"
    with file.open("wb") as stream:
        stream.truncate(3_000_000_000)
    with pytest.raises(PortraitError, match="larger than"):
        analyse(file)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"]))
def test_damaged_bytes_are_read_or_refused(data, kind):
    good = bytearray(saved(gradient("P" if kind == "GIF" else "RGB"), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        pixels = reading.decode(bytes(good[: data.draw(st.integers(0, len(good)))]), "photo")
    except PortraitError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3


# Landmarks


def test_the_landmarks_of_the_demo_photograph(photo, landmarker):
    (face,) = landmarker.detect(photo)
    assert face.landmarks.shape == (468, 3)
    assert face.landmarks.dtype == np.float32
    assert face.score > 0.99
    assert_allclose(face.landmarks[list(GOLDEN), :2], list(GOLDEN.values()), atol=1.5)


def test_landmarks_follow_the_picture(photo, landmarker):
    (face,) = landmarker.detect(photo)
    shifted = np.pad(photo, ((150, 10), (40, 300), (0, 0)), mode="edge")
    (moved,) = landmarker.detect(shifted)
    assert np.abs(moved.landmarks[:, :2] - face.landmarks[:, :2] - [40, 150]).mean() < 0.6
    turned = Image.fromarray(photo).rotate(-20, Image.Resampling.BICUBIC, center=(226, 124))
    (tilted,) = landmarker.detect(np.asarray(turned))
    assert doctor.pose(tilted.landmarks)[2] - doctor.pose(face.landmarks)[2] == pytest.approx(20, abs=2)
    (mirrored,) = landmarker.detect(np.ascontiguousarray(photo[:, ::-1]))
    yaw, pitch, roll = doctor.pose(mirrored.landmarks)
    assert_allclose((-yaw, pitch, -roll), doctor.pose(face.landmarks), atol=3)


def test_a_small_face_in_a_large_photo_is_found(photo, landmarker):
    small = Image.fromarray(photo).crop((100, 20, 356, 276)).resize((150, 150))
    scene = Image.new("RGB", (1600, 1000), (90, 110, 90))
    scene.paste(small, (1300, 60))
    (face,) = landmarker.detect(np.asarray(scene))
    assert 1300 < face.box.x0 < face.box.x1 < 1450
    assert 60 < face.box.y0 < face.box.y1 < 210
    assert framing.face_height(face.landmarks) == pytest.approx(62, abs=6)


def test_two_faces_are_both_found_and_the_larger_one_speaks(photo, landmarker):
    head = Image.fromarray(photo).crop((100, 20, 356, 276))
    scene = Image.new("RGB", (800, 400), (90, 110, 90))
    scene.paste(head, (420, 100))
    scene.paste(head.resize((180, 180)), (60, 120))
    faces = landmarker.detect(np.asarray(scene))
    assert len(faces) == 2
    chosen = doctor.choose(faces, 800, 400)
    assert chosen is not None
    assert chosen.box.x0 > 420
    report = doctor.examine(np.asarray(scene), faces)
    assert report.faces == 2
    assert "2 faces" in report.advice[0]


@pytest.mark.parametrize("shape", [(1, 1), (64, 3000), (3000, 64), (333, 511)])
def test_pictures_without_a_face_have_none(landmarker, shape):
    noise = np.random.default_rng(0).integers(0, 255, (*shape, 3), dtype=np.uint8)
    assert landmarker.detect(noise) == []
    assert measure.mouth_aperture(noise, landmarker) is None
    assert measure.eye_aperture(noise, landmarker) is None


def test_one_landmarker_serves_many_threads(photo, landmarker):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: landmarker.detect(photo, small=False)[0].landmarks, range(8)))
    assert all(np.array_equal(found[0], other) for other in found)


# Measures and the doctor


def face_with(changes: dict[int, tuple[float, float, float]], base: np.ndarray) -> Face:
    points = base.copy()
    for index, place in changes.items():
        points[index] = place
    return Face(points, 1.0, Box(0, 0, 1, 1))


def test_the_mouth_gap_is_the_mean_gap_over_the_width():
    points = np.zeros((468, 3), np.float32)
    points[78], points[308] = (0, 0, 5), (10, 0, -5)
    for _upper, lower, gap in ((82, 87, 1), (13, 14, 2), (312, 317, 3)):
        points[lower] = (0, gap, 9)
    assert measure.mouth_gap(points) == pytest.approx(0.2)
    assert measure.mouth_gap(np.zeros((468, 3), np.float32)) == 0


def test_measures_on_a_picture(photo, landmarker):
    assert measure.mouth_aperture(photo, landmarker) == pytest.approx(0.178, abs=0.03)
    assert measure.eye_aperture(photo, landmarker) == pytest.approx(0.335, abs=0.05)


def test_the_report_on_the_demo_photograph(astronaut):
    report = examine(astronaut)
    assert report.faces == 1
    assert report.face_box is not None
    assert 170 < report.face_box.x0 < report.face_box.x1 < 280
    assert report.face_height_px == pytest.approx(107, abs=5)
    assert abs(report.yaw) < 5
    assert abs(report.roll) < 6
    assert 0.5 < report.brightness < 0.8
    assert report.mouth_gap > 0.035
    assert report.eyes_open > 0.8
    assert not report.cut_off
    assert [line for line in report.advice if "mouth is open" in line]


def test_signs_of_the_pose():
    ears = {234: (0, 0, 0), 454: (10, 0, 10 * np.tan(np.radians(30)))}
    points = face_with(
        ears | {10: (5, 0, 0), 152: (5, 10, 0), 33: (2, 2, 0), 263: (8, 2, 0)}, np.zeros((468, 3), np.float32)
    )
    assert_allclose(doctor.pose(points.landmarks), (30, 0, 0), atol=0.1)
    up = face_with({10: (5, 0, 10), 152: (5, 10, 0)}, points.landmarks)
    assert doctor.pose(up.landmarks)[1] == pytest.approx(45, abs=0.1)
    clockwise = face_with({263: (8, 8, 0)}, points.landmarks)
    assert doctor.pose(clockwise.landmarks)[2] == pytest.approx(45, abs=0.1)


def changed(photo, change):
    image = photo.astype(np.float32)
    return np.clip(change(image), 0, 255).astype(np.uint8)


def shaded(image):
    return image * np.where(np.arange(512) < 226, 1, 0.4)[None, :, None]


def blurred(image):
    small = Image.fromarray(image.astype(np.uint8)).resize((100, 100), Image.Resampling.BOX)
    return np.asarray(small.resize((512, 512), Image.Resampling.BICUBIC))


def covered(image):
    image[150:175, 205:250] = 25
    return image


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: image * 0.2, "dark"),
        (lambda image: image * 0.4 + 160, "overexposed"),
        (shaded, "one side"),
        (blurred, "blurred"),
        (covered, "lips"),
    ],
)
def test_the_doctor_sees_what_is_wrong(photo, landmarker, change, words):
    image = changed(photo, change)
    usual = doctor.examine(photo, landmarker.detect(photo)).advice
    assert [
        line for line in doctor.examine(image, landmarker.detect(image)).advice if words in line and line not in usual
    ]


def test_the_doctor_sees_a_face_at_the_edge(photo, landmarker):
    cut = np.ascontiguousarray(photo[:, 195:])
    faces = landmarker.detect(cut)
    assert doctor.examine(cut, faces).cut_off


# Framing


@pytest.mark.parametrize("size", [128, 250, 512, 640])
def test_the_frame_holds_head_and_shoulders(astronaut, size):
    portrait = analyse(astronaut, size=size, matte="none")
    points = portrait.landmarks
    assert portrait.size == (size, size)
    assert points is not None
    assert 0.34 < framing.face_height(points) / size < 0.38
    assert points[[33, 263], 1].mean() / size == pytest.approx(0.42, abs=0.08)  # shifted: the photo ends above the hair
    assert points[1, 0] / size == pytest.approx(0.5, abs=0.05)


@settings(max_examples=200, deadline=None)
@given(
    width=st.integers(64, 2000),
    height=st.integers(64, 2000),
    x=st.floats(-100, 2100),
    y=st.floats(-100, 2100),
    tall=st.floats(1, 3000),
)
def test_the_frame_never_leaves_the_photo(width, height, x, y, tall):
    points = np.random.default_rng(0).normal(0, 1, (468, 3)).astype(np.float32)
    points[10], points[152] = (0, -0.5, 0), (0, 0.5, 0)
    face = Face((points * tall + [x, y, 0]).astype(np.float32), 1.0, Box(0, 0, 1, 1))
    square = framing.around(face, width, height)
    assert 2 <= square.side <= min(width, height)
    assert 0 <= square.x <= width - square.side
    assert 0 <= square.y <= height - square.side


def test_points_and_pixels_agree():
    image = np.zeros((400, 300, 3), np.uint8)
    image[120:124, 80:84] = 255
    square = framing.Square(20, 50, 200)
    for size in (100, 200, 600):
        picture = square.picture(image, size)[:, :, 0].astype(np.float64)
        spot = (picture * np.arange(size)).sum() / picture.sum(), (picture.T * np.arange(size)).sum() / picture.sum()
        assert_allclose(square.points(np.float32([[81.5, 121.5, 7]]), size)[0], [*spot, 7 * size / 200], atol=0.1)


def test_surroundings_know_where_the_frame_lies(photo):
    square = framing.Square(60, 0, 250)
    around = square.surroundings(photo)
    luma = around.picture.mean(axis=2).astype(np.float32)
    assert np.abs(around.part(luma, (256, 256)) - square.picture(photo, 256).mean(axis=2)).mean() < 4


# The whole, and the cache


def test_an_analysed_portrait(portrait):
    assert portrait.size == (512, 512)
    for array in (portrait.image, portrait.foreground, portrait.plate):
        assert (array.shape, array.dtype) == ((512, 512, 3), np.uint8)
        assert array.flags.c_contiguous
    assert (portrait.alpha.shape, portrait.alpha.dtype) == ((512, 512), np.float32)
    assert 0 <= portrait.alpha.min() < portrait.alpha.max() <= 1
    assert portrait.findings.matte == "selfie"
    assert portrait.findings.matte_reason == ""
    inside = portrait.alpha > 0.99
    assert np.abs(portrait.foreground[inside].astype(int) - portrait.image[inside]).mean() < 2


def test_the_second_analysis_runs_no_network(astronaut, own_cache, runs):
    first = analyse(astronaut, size=128, settings=own_cache)
    assert runs
    runs.clear()
    second = analyse(astronaut, size=128, settings=own_cache)
    assert runs == []
    assert second.key == first.key
    assert second.findings == first.findings
    for name in ("image", "alpha", "foreground", "plate", "landmarks"):
        assert_array_equal(getattr(second, name), getattr(first, name))


def test_what_shapes_a_portrait_is_in_its_key(monkeypatch):
    keys = {cache.key(b"a", size=512, matte="selfie"), cache.key(b"b", size=512, matte="selfie")}
    keys |= {cache.key(b"a", size=256, matte="selfie"), cache.key(b"a", size=512, matte="edges")}
    keys |= {cache.key(b"a", size=512, matte="modnet", weights=weights) for weights in ("one", "two")}
    monkeypatch.setattr(cache, "ANALYSIS", -1)
    keys.add(cache.key(b"a", size=512, matte="selfie"))
    assert len(keys) == 7


def test_a_matte_without_its_weights_is_not_tried_again(astronaut, own_cache, runs):
    first = analyse(astronaut, size=128, matte="modnet", settings=own_cache)
    assert first.findings.matte == "selfie"
    runs.clear()
    second = analyse(astronaut, size=128, matte="modnet", settings=own_cache)
    assert runs == []
    assert second.findings == first.findings


def test_another_copy_of_the_weights_makes_another_portrait(astronaut, own_cache, runs):
    analyse(astronaut, size=128, matte="modnet", settings=own_cache)
    folder = own_cache.cache / "assets"
    folder.mkdir()
    marks = {cache.weights("modnet", own_cache)}
    for content in (b"one", b"another"):
        (folder / "modnet.onnx").write_bytes(content)
        marks.add(cache.weights("modnet", own_cache))
    assert len(marks) == 3
    assert cache.weights("selfie", own_cache) == ""
    runs.clear()
    analyse(astronaut, size=128, matte="modnet", settings=own_cache)
    assert runs


@pytest.mark.parametrize("damage", [b"", b"junk", "half", "flipped"])
def test_a_damaged_portrait_file_is_made_again(astronaut, own_cache, runs, damage):
    first = analyse(astronaut, size=128, settings=own_cache)
    (file,) = (own_cache.cache / "portraits").iterdir()
    data = bytearray(file.read_bytes())
    if damage == "half":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[len(data) // 3] ^= 0xFF
    else:
        data = damage
    file.write_bytes(data)
    runs.clear()
    again = analyse(astronaut, size=128, settings=own_cache)
    assert runs
    assert_array_equal(again.alpha, first.alpha)
    runs.clear()
    analyse(astronaut, size=128, settings=own_cache)
    assert runs == []


def test_a_cache_that_cannot_be_written_costs_only_time(astronaut, own_cache, monkeypatch):
    own_cache.cache.write_text("a file where the folder should be")
    assert analyse(astronaut, size=128, settings=own_cache).size == (128, 128)


def test_no_unfinished_file_stays(tmp_path, portrait_small, monkeypatch):
    def full(stream, **arrays):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "savez", full)
    cache.store(tmp_path / "portraits" / "x.npz", portrait_small)
    assert list((tmp_path / "portraits").iterdir()) == []


def test_a_portrait_survives_its_file(tmp_path, portrait_small):
    still = replace(portrait_small, landmarks=None, findings=replace(portrait_small.findings, face_box=None))
    for portrait in (portrait_small, still):
        file = tmp_path / f"{portrait.key}.npz"
        cache.store(file, portrait)
        kept = cache.load(file)
        assert kept is not None
        assert asdict(kept.findings) == asdict(portrait.findings)
        assert (kept.landmarks is None) == (portrait.landmarks is None)


def test_a_photo_without_a_face_stays_sharp(tmp_path, own_cache):
    file = tmp_path / "wall.png"
    gradient().resize((400, 300)).save(file)
    portrait = analyse(file, size=128, settings=own_cache)
    assert portrait.landmarks is None
    assert portrait.alpha.shape == (128, 128)
    assert (portrait.alpha == 1).all()
    assert portrait.findings.faces == 0
    assert portrait.findings.matte == "none"
    assert "No face" in portrait.findings.advice[0]


def test_an_unknown_matte_lists_the_known_ones(astronaut, own_cache):
    with pytest.raises(BackendError, match="selfie"):
        analyse(astronaut, size=128, matte="scissors", settings=own_cache)


def test_without_the_models_the_error_says_how_to_get_them(astronaut, tmp_path):
    alone = Settings(cache=tmp_path, assets=None, offline=True)
    with pytest.raises(AssetError, match="visavis assets pull"):
        analyse(astronaut, size=128, settings=alone)


def test_a_damaged_network_is_named(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"no network")
    with pytest.raises(BackendError, match=r"model\.tflite"):
        Network(tmp_path / "model.tflite")


def test_loading_a_network_prints_nothing(models, capfd):
    Network(models["face_landmark"])
    assert capfd.readouterr() == ("", "")


def test_reading_warns_about_nothing():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(PortraitError):
            reading.decode(png_header(10_000, 10_000), "photo")
    assert caught == []
