import pickle
from pathlib import Path

import pytest
import torch

from rltf_trainer import checkpoint
from rltf_trainer.checkpoint import list_checkpoints, load_state, save_checkpoint, save_final
from rltf_trainer.errors import CheckpointError
from rltf_trainer.options import LoraConfig, ModelConfig
from rltf_trainer.policy.loading import Policy, load_policy


def weights(policy: Policy) -> dict[str, torch.Tensor]:
    return {name: each.detach().clone() for name, each in policy.model.named_parameters()}


def change(policy: Policy) -> None:
    with torch.no_grad():
        for parameter in policy.trainable_parameters():
            parameter.add_(torch.randn_like(parameter))


@pytest.mark.parametrize("rank", [0, 2])
def test_weights_come_back_bit_for_bit(tmp_path: Path, tiny_model: Path, rank: int):
    config, lora = ModelConfig(path=str(tiny_model)), LoraConfig(rank=rank)
    policy = load_policy(config, lora)
    change(policy)

    path = save_checkpoint(tmp_path, 3, policy, {"step": 3}, keep_last=1)
    restored = load_policy(config, lora, checkpoint=path)

    assert path.name == "step-000003"
    before, after = weights(policy), weights(restored)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert len(restored.trainable_parameters()) == len(policy.trainable_parameters())


def test_checkpoint_opens_as_an_ordinary_model(tmp_path: Path, policy: Policy):
    change(policy)

    path = save_checkpoint(tmp_path, 1, policy, {}, keep_last=1)

    opened = load_policy(ModelConfig(path=str(path)))
    assert torch.equal(weights(opened)["model.norm.weight"], weights(policy)["model.norm.weight"])


def test_adapter_checkpoint_opens_as_a_model_too(tmp_path: Path, tiny_model: Path):
    policy = load_policy(ModelConfig(path=str(tiny_model)), LoraConfig(rank=2))
    change(policy)
    path = save_checkpoint(tmp_path, 1, policy, {}, keep_last=1)
    ids = torch.tensor([[3, 4, 5]])

    opened = load_policy(ModelConfig(path=str(path)), for_inference=True)

    with torch.no_grad():
        torch.testing.assert_close(opened.model(ids).logits, policy.model(ids).logits)


def test_final_model_has_the_adapters_merged_in(tmp_path: Path, tiny_model: Path):
    policy = load_policy(ModelConfig(path=str(tiny_model)), LoraConfig(rank=2))
    change(policy)
    ids = torch.tensor([[3, 4, 5]])
    with torch.no_grad():
        expected = policy.model(ids).logits

    path = save_final(tmp_path, policy)

    assert not (path / "adapter_config.json").exists()
    opened = load_policy(ModelConfig(path=str(path)))
    with torch.no_grad():
        torch.testing.assert_close(opened.model(ids).logits, expected, rtol=1e-4, atol=1e-4)


def test_state_comes_back(tmp_path: Path, policy: Policy):
    state = {"step": 7, "tensor": torch.arange(3), "nested": [{"a": (1, 2.5, None, "x")}]}

    path = save_checkpoint(tmp_path, 7, policy, state, keep_last=1)

    loaded = load_state(path)
    assert loaded["nested"] == state["nested"]
    assert torch.equal(loaded["tensor"], state["tensor"])


def test_only_the_last_checkpoints_are_kept(tmp_path: Path, policy: Policy):
    for step in (1, 2, 10, 11):
        save_checkpoint(tmp_path, step, policy, {}, keep_last=2)

    assert [path.name for path in list_checkpoints(tmp_path)] == ["step-000010", "step-000011"]


def test_checkpoint_that_was_not_finished_does_not_count(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
):
    save_checkpoint(tmp_path, 1, policy, {}, keep_last=5)

    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.torch, "save", fail)
        with pytest.raises(OSError, match="disk full"):
            save_checkpoint(tmp_path, 2, policy, {}, keep_last=5)

    assert [path.name for path in list_checkpoints(tmp_path)] == ["step-000001"]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000001"]


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path, policy: Policy):
    left_over = tmp_path / "checkpoints" / ".unfinished-abc"
    left_over.mkdir(parents=True)
    (left_over / "model.safetensors").write_bytes(b"half")

    assert list_checkpoints(tmp_path) == []
    save_checkpoint(tmp_path, 1, policy, {}, keep_last=1)

    assert not left_over.exists()


def test_broken_state_is_named(tmp_path: Path):
    (tmp_path / "state.pt").write_bytes(b"nonsense")

    with pytest.raises(CheckpointError, match=r"state\.pt: is broken"):
        load_state(tmp_path)
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_state(tmp_path / "nowhere")


class _Exploit:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("code from a checkpoint ran",))


def test_state_cannot_run_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    torch.save({"step": _Exploit()}, tmp_path / "state.pt")

    with pytest.raises((CheckpointError, pickle.UnpicklingError)):
        load_state(tmp_path)

    assert "ran" not in capsys.readouterr().out
