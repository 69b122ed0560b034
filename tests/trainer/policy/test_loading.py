from pathlib import Path

import pytest
import torch

from rltf_trainer.errors import ConfigError, ModelError
from rltf_trainer.options import LoraConfig, ModelConfig
from rltf_trainer.policy.loading import check_model_path, choose_device, load_policy


def test_no_path_is_refused():
    with pytest.raises(ModelError, match=r"model\.path: no model given"):
        check_model_path("")


def test_missing_directory_is_named(tmp_path: Path):
    with pytest.raises(ModelError, match=r"nowhere: no such model directory"):
        check_model_path(str(tmp_path / "nowhere"))


def test_file_is_no_model_directory(tmp_path: Path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"")

    with pytest.raises(ModelError, match=r"model\.bin: is a file"):
        check_model_path(str(path))


def test_empty_directory_lacks_everything(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no config\.json, no weights .*, no tokenizer"):
        check_model_path(str(tmp_path))


def test_only_what_is_missing_is_named(tmp_path: Path, tiny_model: Path):
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((tiny_model / name).read_bytes())

    with pytest.raises(ModelError, match=r"it has no weights \([^)]*\)$"):
        check_model_path(str(tmp_path))


def test_broken_config_is_a_user_error(tmp_path: Path, tiny_model: Path):
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "config.json").write_text("{")

    with pytest.raises(ModelError, match="cannot be loaded as a causal language model"):
        load_policy(ModelConfig(path=str(tmp_path)))


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "meta", ""])
def test_device_that_is_not_here_is_refused(name: str):
    with pytest.raises(ConfigError, match=r"model\.device"):
        choose_device(name)


def test_without_adapters_every_weight_is_trained(tiny_model: Path):
    policy = load_policy(ModelConfig(path=str(tiny_model)))

    assert len(policy.trainable_parameters()) == len(list(policy.model.parameters()))


def test_with_adapters_only_they_are_trained(tiny_model: Path):
    policy = load_policy(ModelConfig(path=str(tiny_model)), LoraConfig(rank=2))

    trained = {name for name, each in policy.model.named_parameters() if each.requires_grad}
    assert trained
    assert all("lora_" in name for name in trained)


def test_layers_that_do_not_exist_are_refused_with_those_that_do(tiny_model: Path):
    lora = LoraConfig(rank=2, target_modules=("nonsense",))

    with pytest.raises(ConfigError, match=r"lora\.target_modules: \['nonsense'\].*q_proj"):
        load_policy(ModelConfig(path=str(tiny_model)), lora)


def test_trained_weights_are_fp32_even_if_products_are_bf16(tiny_model: Path):
    config = ModelConfig(path=str(tiny_model), dtype="bf16")

    whole = load_policy(config)
    adapted = load_policy(config, LoraConfig(rank=2))
    measured = load_policy(config, for_inference=True)

    assert {each.dtype for each in whole.trainable_parameters()} == {torch.float32}
    assert {each.dtype for each in adapted.trainable_parameters()} == {torch.float32}
    assert {each.dtype for each in measured.model.parameters()} == {torch.bfloat16}


def test_decoding_keeps_every_character(tiny_model: Path):
    policy = load_policy(ModelConfig(path=str(tiny_model)))
    text = "def f(x):\n    return x // 7\n```"

    assert policy.decode(policy.encode(text)) == text


def test_end_of_sequence_leaves_no_text(tiny_model: Path):
    policy = load_policy(ModelConfig(path=str(tiny_model)))

    assert policy.decode([*policy.encode("x"), *policy.eos_ids]) == "x"
