"""The command line, as a program: exit codes, one line for an error, results on stdout only."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from visavis.cli import main
from visavis.errors import TextError


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def visavis(models, tmp_path, monkeypatch, capsys):
    """Runs ``visavis …`` in an empty folder with an empty memory, in this process: importing everything anew takes seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISAVIS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VISAVIS_SIZE", "128")

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["visavis", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        return Ran(code, *capsys.readouterr())

    return run


def program(*arguments, cwd, stdin=""):
    """Runs ``visavis …`` as a program of its own."""
    return subprocess.run(
        [sys.executable, "-m", "visavis", *map(str, arguments)],
        cwd=cwd, input=stdin, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "VISAVIS_DATA": str(cwd / "data"), "VISAVIS_SIZE": "128"},
    )  # fmt: skip


def is_one_line_with_exit(done, *codes):
    assert done.returncode in codes, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 or lines[0].startswith("Usage:"), done.stderr
    return lines[0]


def test_say_prints_one_json_object(visavis, tmp_path):
    done = visavis("say", "Bob's puppy popped up.", "--out", "a.mp4", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["reply"] == "Bob's puppy popped up."
    assert (tmp_path / result["out"]).exists()
    assert result["fps"] == 25
    assert result["size"] == [128, 128]
    assert result["matte"] == "selfie"
    assert result["blur"] == "gaussian"
    assert result["voice"] == "espeak"
    assert result["recalled"] == []
    assert result["frames"] == round(result["duration_s"] * result["fps"])
    assert {"speech", "motion", "animate", "compose", "encode"} <= set(result["timings"])


def test_without_out_no_file_is_overwritten(visavis, tmp_path):
    assert [visavis("say", "Hi.").returncode for _ in range(2)] == [0, 0]
    assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["say-1.mp4", "say-2.mp4"]


def test_text_comes_from_standard_input(models, tmp_path):
    done = program("say", "-", "--out", "a.mp4", "--json", cwd=tmp_path, stdin="From a pipe.")
    assert json.loads(done.stdout)["reply"] == "From a pipe."


def test_a_recording_is_spoken(visavis, tmp_path):
    first = json.loads(visavis("say", "Bob's puppy popped up.", "--out", "a.mp4", "--json").stdout)
    alone = json.loads(visavis("say", "--audio", "a.mp4", "--out", "b.mp4", "--json").stdout)
    assert (alone["reply"], alone["voice"]) == ("", "recording")
    assert abs(alone["frames"] - first["frames"]) <= 2
    aligned = visavis("say", "Bob's puppy popped up.", "--audio", "a.mp4", "--out", "c.mp4", "--json")
    assert json.loads(aligned.stdout)["reply"] == "Bob's puppy popped up."
    assert "puppy" in (tmp_path / "c.vtt").read_text(encoding="utf-8")


def test_controls_change_the_picture(visavis, tmp_path):
    controls = ["--mood", "serious", "--head", "0", "--blink-rate", "3", "--gaze", "2", "--expressiveness", "0.5"]
    assert visavis("say", "Hi.", "--out", "a.mp4").returncode == 0
    assert visavis("say", "Hi.", "--out", "b.mp4", *controls).returncode == 0
    assert (tmp_path / "a.mp4").read_bytes() != (tmp_path / "b.mp4").read_bytes()


def test_ask_remembers_in_a_new_process(visavis, tmp_path):
    common = ["--user", "maria", "--json", "--out", "a.mp4"]
    first = program("ask", "Hello, my order number is A-1043.", *common, "--thread", "one", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    done = visavis("ask", "What was my order number?", *common, "--thread", "two")
    result = json.loads(done.stdout)
    assert "A-1043" in result["reply"]
    assert any("A-1043" in item["text"] for item in result["recalled"])
    stranger = json.loads(
        visavis("ask", "What was my order number?", "--user", "eve", "--json", "--out", "b.mp4").stdout
    )
    assert "A-1043" not in json.dumps(stranger)
    found = json.loads(visavis("memory", "search", "order number", "--user", "maria", "--json").stdout)
    assert any("A-1043" in hit["text"] for hit in found)
    assert visavis("memory", "forget", "--everything", "--user", "maria").returncode == 0
    assert "A-1043" not in visavis("memory", "export", "--user", "maria").stdout


def test_knowledge_is_added_listed_and_removed(visavis, tmp_path):
    (tmp_path / "faq.md").write_text(
        "# Shipping\n\n### How long does shipping take?\n\nTwo to four days.\n", encoding="utf-8"
    )
    assert visavis("knowledge", "add", "faq.md").returncode == 0
    listed = json.loads(visavis("knowledge", "list", "--json").stdout)
    assert len(listed) == 1
    assert visavis("knowledge", "remove", listed[0]).returncode == 0
    assert json.loads(visavis("knowledge", "list", "--json").stdout) == []


def test_portrait_matte_and_blur(visavis, astronaut, tmp_path):
    report = json.loads(visavis("portrait", astronaut, "--json").stdout)
    assert report["faces"] == 1
    assert report["matte"] == "selfie"
    assert visavis("matte", astronaut, "--out", "alpha.png").returncode == 0
    assert visavis("blur", astronaut, "--out", "b.png", "--alpha", "alpha.png", "--radius", "20").returncode == 0
    assert (tmp_path / "b.png").stat().st_size > 100_000


def test_doctor_and_assets(visavis):
    assert visavis("doctor").returncode == 0
    assert {row["name"] for row in json.loads(visavis("assets", "list", "--json").stdout)} >= {
        "astronaut",
        "face_landmark",
    }
    assert "non-commercial" in visavis("assets", "list").stdout
    assert visavis("assets", "pull", "astronaut").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["say", ""],
        ["say", "\x01\x02"],
        ["say", "Hi.", "--radius", "0"],
        ["say", "Hi.", "--radius", "31"],
        ["say", "Hi.", "--radius", "x"],
        ["say", "Hi.", "--blur", "lens"],
        ["say", "Hi.", "--size", "1"],
        ["say", "Hi.", "--portrait", "missing.png"],
        ["say", "Hi.", "--out", "missing/a.mp4"],
        ["say", "Hi.", "--voice", "nobody"],
        ["say", "Hi.", "--head", "2.1"],
        ["say", "Hi.", "--gaze", "-1"],
        ["say", "Hi.", "--blink-rate", "nan"],
        ["say", "Hi.", "--expressiveness", "much"],
        ["say", "Hi.", "--mood", "angry"],
        ["say", "--audio", "missing.wav"],
        ["say", "--audio", "."],
        ["say", "", "--audio", "missing.wav"],
        ["say", "Hi.", "--language", "klingon"],
        ["say"],
        ["nonsense"],
        ["ask", "Hi.", "--model", "nonsense"],
        ["ask", "Hi.", "--user", ""],
        ["portrait", "missing.png"],
        ["matte", "missing.png", "--out", "a.png"],
        ["memory", "forget"],
        ["knowledge", "add", "missing.md"],
        ["assets", "pull", "nonsense"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line(visavis, tmp_path, arguments):
    is_one_line_with_exit(visavis(*arguments), 2, 3)
    assert not [path for path in tmp_path.iterdir() if path.name != "data"]


def png(width, height, rows=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [b"", b"just text", png(20_000, 20_000), b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"],
    ids=["empty", "text", "huge header", "truncated JPEG"],
)
def test_bad_photo_is_one_line(visavis, tmp_path, content):
    photo = tmp_path / "photo.png"
    photo.write_bytes(content)
    assert "photo.png" in is_one_line_with_exit(visavis("say", "Hi.", "--portrait", photo, "--out", "a.mp4"), 2)
    assert not (tmp_path / "a.mp4").exists()


def test_a_photo_without_a_face_is_a_still_picture(visavis, tmp_path):
    import cv2

    wall = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "wall.png"), wall)
    done = visavis("say", "Hi.", "--portrait", "wall.png", "--out", "a.mp4", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["matte"] == "none"
    assert "face" in visavis("portrait", "wall.png").stdout


def test_what_suffers_with_the_users_own_photo_is_told(visavis, astronaut, tmp_path):
    import cv2

    photo = cv2.imread(str(astronaut))
    cv2.imwrite(str(tmp_path / "two.png"), np.hstack([photo, photo[:, ::-1]]))
    done = visavis("say", "Hi.", "--portrait", "two.png", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert any("2 faces" in line for line in told["advice"])
    assert told["matte_reason"] == ""
    assert "2 faces" in done.stderr
    assert "faces" not in visavis("say", "Hi.", "--json").stderr


def test_a_read_only_folder_is_one_line(visavis, tmp_path):
    if os.geteuid() == 0:
        target = Path("/proc/a.mp4")
    else:
        (tmp_path / "locked").mkdir(mode=0o500)
        target = tmp_path / "locked" / "a.mp4"
    is_one_line_with_exit(visavis("say", "Hi.", "--out", target), 2, 3)


def test_debug_shows_the_traceback(visavis):
    with pytest.raises(TextError):
        visavis("say", "", "--debug")


def test_inspect_measures_a_video(visavis, tmp_path):
    assert visavis("say", "Bob's puppy popped up.", "--out", "a.mp4", "--size", "256").returncode == 0
    done = visavis("inspect", "a.mp4", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["face_share"] == 1
    assert found["frozen_frames"] == 0


def test_quantize_needs_a_network(visavis, tmp_path):
    is_one_line_with_exit(visavis("assets", "quantize", "missing.onnx", "out.onnx"), 2, 3)
    assert not (tmp_path / "out.onnx").exists()
