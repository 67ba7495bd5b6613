"""Networks of the Transformers library: ViTMatte and Depth Anything, over small ones of the same architectures."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from visavis.errors import AssetError, BackendError
from visavis.render import backends, depth
from visavis.render.contracts import Matte
from visavis.render.mattes import ladder
from visavis.settings import Settings

HINT = "Run `pip install 'visavis[neural]'`."
torch = pytest.importorskip("torch", reason=HINT)
transformers = pytest.importorskip("transformers", reason=HINT)
from safetensors.torch import load_file, save_file  # noqa: E402 - comes with transformers


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A folder with a small ViTMatte and a small Depth Anything, as Transformers saves them."""
    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    vitdet = transformers.VitDetConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=32, pretrain_image_size=32, patch_size=16,
        num_channels=4, window_size=2, window_block_indices=[0], residual_block_indices=[1],
        use_relative_position_embeddings=True, out_features=["stage2"],
    )  # fmt: skip
    vitmatte = transformers.VitMatteConfig(
        backbone_config=vitdet, hidden_size=16, convstream_hidden_sizes=[4, 8, 8], fusion_hidden_sizes=[8, 8, 8, 8]
    )
    transformers.VitMatteForImageMatting(vitmatte).save_pretrained(folder / "vitmatte")
    dinov2 = transformers.Dinov2Config(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, image_size=56, patch_size=14, out_indices=[1, 2, 3, 4],
        reshape_hidden_states=False,
    )  # fmt: skip
    distances = transformers.DepthAnythingConfig(
        backbone_config=dinov2, reassemble_hidden_size=16, neck_hidden_sizes=[4, 8, 8, 8], fusion_hidden_size=8,
        head_hidden_size=4, patch_size=14,
    )  # fmt: skip
    transformers.DepthAnythingForDepthEstimation(distances).save_pretrained(folder / "depth_anything")
    return folder


@pytest.fixture
def settings(tiny, tmp_path, models, monkeypatch) -> Settings:
    """The small networks and the model files in a folder of the user's; nothing in the hub's cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    shutil.copytree(tiny, tmp_path / "mine")
    for file in models.values():
        (tmp_path / "mine" / file.name).symlink_to(file)
    return Settings(cache=tmp_path / "cache", assets=tmp_path / "mine", offline=True)


def disc(height, width, radius=0.3):
    """A soft-edged coarse matte."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(x - width / 2, y - height / 2) / min(height, width)
    return np.clip((radius - distance) * 20 + 0.5, 0, 1).astype(np.float32)


@pytest.fixture
def vitmatte(settings) -> Matte:
    return backends.load("matte", "vitmatte", settings=settings, coarse=lambda image: disc(*image.shape[:2]))


@pytest.mark.parametrize("shape", [(64, 64), (45, 70), (1, 1), (1, 40), (300, 200), (1500, 700)])
def test_vitmatte_keeps_the_contract(vitmatte, shape):
    assert isinstance(vitmatte, Matte)
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    alpha, state = vitmatte.matte(image)
    again, _ = vitmatte.matte(image, state)
    assert (alpha.shape, alpha.dtype) == (shape, np.float32)
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert_allclose(alpha, again, atol=1e-6)


def test_vitmatte_changes_only_what_the_coarse_matte_leaves_open(vitmatte):
    alpha, _ = vitmatte.matte(np.full((256, 320, 3), 120, np.uint8))
    coarse = disc(256, 320)
    inner, outer = disc(256, 320, 0.2) == 1, disc(256, 320, 0.4) == 0
    assert_array_equal(alpha[inner], 1)
    assert_array_equal(alpha[outer], 0)
    open_ = (coarse > 0.3) & (coarse < 0.7)
    assert np.abs(alpha - coarse)[open_].max() > 0.05


def test_the_trimap_is_the_fourth_channel_and_the_colours_are_normalised(settings):
    from visavis.render.mattes.vitmatte import VitMatte

    class Recorder:
        def run(self, inputs, output):
            self.pixels = inputs["pixel_values"]
            return np.zeros((1, 1, *self.pixels.shape[2:]), np.float32)

    network = Recorder()
    VitMatte(network, lambda image: disc(*image.shape[:2])).matte(np.full((70, 90, 3), (255, 0, 51), np.uint8))
    assert network.pixels.shape == (1, 4, 96, 96)
    assert_allclose(network.pixels[0, :3].mean(axis=(1, 2)), [1, -1, -0.6], atol=1e-6)
    assert set(np.rint(network.pixels[0, 3] * 255).ravel()) == {0, 128, 255}
    assert network.pixels[0, 3, 35, 45] == 1


def test_a_vitmatte_of_its_own_starts_from_selfie(settings, portrait):
    alpha, _ = backends.load("matte", "vitmatte", settings=settings).matte(portrait.image)
    assert alpha[150, 220] == 1
    assert alpha[20, 20] == 0


def test_the_ladder_begins_with_vitmatte(settings, portrait):
    cut = ladder.cut_out(portrait.image, portrait.landmarks, matte="vitmatte", settings=settings)
    assert (cut.name, cut.reason, cut.probability) == ("vitmatte", "", False)


@pytest.mark.parametrize("shape", [(56, 84), (45, 70), (1, 1), (200, 30)])
def test_distances_have_the_shape_of_the_picture(settings, shape):
    image = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    result = depth.estimate(image, settings=settings)
    assert result.reason == ""
    assert (result.disparity.shape, result.disparity.dtype) == (shape, np.float32)
    assert np.isfinite(result.disparity).all()
    assert result.disparity.min() >= 0


def test_a_network_that_the_hub_has_fetched_is_used(settings, tmp_path, tiny):
    hub = tmp_path / "hub" / "models--hustvl--vitmatte-small-composition-1k"
    (hub / "refs").mkdir(parents=True)
    (hub / "refs" / "main").write_text("abc")
    shutil.copytree(tiny / "vitmatte", hub / "snapshots" / "abc")
    bare = settings.with_changes(assets=tmp_path)
    assert backends.load("matte", "vitmatte", settings=bare, coarse=lambda image: disc(*image.shape[:2]))


# Folders that cannot be used


def _absent(folder):
    shutil.rmtree(folder)


def _no_weights(folder):
    (folder / "model.safetensors").unlink()


def _no_config(folder):
    (folder / "config.json").unlink()


def _cut(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def _fewer_weights(folder):
    weights = load_file(folder / "model.safetensors")
    weights.pop(sorted(weights)[0])
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _broken_config(folder):
    (folder / "config.json").write_text("{")


def _other_network(folder):
    shutil.rmtree(folder)
    shutil.copytree(folder.parent / "depth_anything", folder)


def _wider(folder):
    config = json.loads((folder / "config.json").read_text())
    config["convstream_hidden_sizes"] = [8, 8, 8]
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    "damage", [_no_weights, _no_config, _cut, _fewer_weights, _broken_config, _other_network, _wider]
)
def test_a_folder_that_cannot_be_used_is_refused_in_one_line(settings, damage):
    damage(settings.assets / "vitmatte")
    with pytest.raises(BackendError, match="vitmatte") as caught:
        backends.load("matte", "vitmatte", settings=settings)
    assert "\n" not in str(caught.value)
    assert caught.value.fix


def test_a_folder_that_is_not_there_says_where_it_is_had(settings):
    _absent(settings.assets / "vitmatte")
    with pytest.raises(AssetError, match="hustvl/vitmatte-small-composition-1k"):
        backends.load("matte", "vitmatte", settings=settings)


def test_weights_that_are_no_numbers_are_an_error_and_a_step_down(settings, portrait):
    network = transformers.VitMatteForImageMatting.from_pretrained(settings.assets / "vitmatte")
    with torch.no_grad():
        for weights in network.parameters():
            weights.fill_(torch.nan)
    network.save_pretrained(settings.assets / "vitmatte")
    cut = ladder.cut_out(portrait.image, portrait.landmarks, matte="vitmatte", settings=settings)
    assert cut.name == "selfie"
    assert "gave no numbers" in cut.reason
