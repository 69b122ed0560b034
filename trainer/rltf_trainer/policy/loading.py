"""Opens a causal language model and its tokenizer, with adapters if asked for. No sampling here."""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.tokenization_utils_base import PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from rltf_trainer.errors import ConfigError, ModelError
from rltf_trainer.options import LoraConfig, ModelConfig

if TYPE_CHECKING:  # slow to import, and needed only with adapters
    from peft import PeftModel

logger = logging.getLogger(__name__)

_WEIGHT_PATTERNS = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin*")
_ADAPTER_CONFIG = "adapter_config.json"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A loaded model with its tokenizer.

    Attributes:
        model: The network, adapters inside it; its parameters that require a gradient are what is
            trained.
        adapters: The same network seen as adapters over a base model, which is how they are saved;
            None: no adapters.
        tokenizer: Its tokenizer.
        device: Where the model is.
        eos_ids: Tokens that end a completion.
        pad_id: Token that fills a batch; always masked.
        compute_dtype: Number format of matrix products; the trained weights are fp32 all the same.
        has_linear_head: Its logits are its output embeddings times its last hidden states, and
            nothing else.
    """

    model: PreTrainedModel
    adapters: "PeftModel | None"
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    eos_ids: frozenset[int]
    pad_id: int
    compute_dtype: torch.dtype
    has_linear_head: bool

    def trainable_parameters(self) -> list[torch.nn.Parameter]:
        """Gives the parameters that training changes, in a fixed order."""
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def set_training(self, is_training: bool) -> None:
        """Switch the dropout of adapters and gradient checkpointing on or off."""
        torch.nn.Module.train(self.model, is_training)

    def computing(self) -> torch.autocast:
        """Gives the context in which the model is called: matrix products in ``compute_dtype``."""
        is_mixed = self.compute_dtype is not torch.float32
        return torch.autocast(self.device.type, dtype=self.compute_dtype, enabled=is_mixed)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Gives the text of ``token_ids`` without special tokens, else character for character."""
        text = self.tokenizer.decode(
            list(token_ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text if isinstance(text, str) else "".join(text)

    def encode(self, text: str, *, with_special: bool = False) -> tuple[int, ...]:
        """Gives the token ids of ``text``; special tokens are added only if asked for."""
        return tuple(self.tokenizer.encode(text, add_special_tokens=with_special))


def check_model_path(path: str) -> None:
    """Refuse, before anything is loaded, a directory that holds no model.

    A path that does not exist and looks like ``owner/name`` is taken for a hub name and left to the
    hub.

    Raises:
        ModelError: Names the path and what is missing there.
    """
    if not path:
        raise ModelError(
            "model.path: no model given; name a model directory or a hub model (--model)"
        )
    directory = Path(path)
    if not directory.exists():
        is_hub_name = path.count("/") <= 1 and not path.startswith((".", "/", "~"))
        if is_hub_name:
            return
        raise ModelError(f"{path}: no such model directory")
    if not directory.is_dir():
        raise ModelError(f"{path}: is a file, not a model directory")
    missing = []
    if (directory / _ADAPTER_CONFIG).is_file():
        check_model_path(_base_of_adapters(directory))
        if not (directory / "adapter_model.safetensors").is_file():
            raise ModelError(f"{path}: holds adapters without adapter_model.safetensors")
        return
    if not (directory / "config.json").is_file():
        missing.append("config.json")
    if not any(any(directory.glob(pattern)) for pattern in _WEIGHT_PATTERNS):
        missing.append("weights (model.safetensors or pytorch_model.bin)")
    if not any((directory / name).is_file() for name in _TOKENIZER_FILES):
        missing.append("tokenizer (tokenizer.json or tokenizer.model)")
    if missing:
        raise ModelError(f"{path}: is no model directory: it has no {', no '.join(missing)}")


def choose_device(name: str) -> torch.device:
    """Gives the device called ``name``; ``auto`` is the first GPU if there is one.

    Raises:
        ConfigError: There is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(
            f"model.device: {name!r} is not one of auto, cpu, cuda, cuda:N"
        ) from error
    if device.type not in ("cpu", "cuda"):
        raise ConfigError(f"model.device: {name!r} is not one of auto, cpu, cuda, cuda:N")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(
            f"model.device: {name!r} is not here; found {torch.cuda.device_count()} GPUs"
        )
    return device


def load_policy(
    config: ModelConfig,
    lora: LoraConfig | None = None,
    *,
    checkpoint: Path | None = None,
    for_inference: bool = False,
) -> Policy:
    """Open the model, ready to train.

    Args:
        config: Which model, in which format, on which device.
        lora: Adapters to add; None or rank 0: all weights are trained.
        checkpoint: Take the trained weights from here: the whole model, or the adapters over
            ``config.path``.
        for_inference: It will not be trained.

    Raises:
        ModelError: It cannot be loaded; the message names the path and what is missing.
        ConfigError: The device is not here.
    """
    transformers_logging.disable_progress_bar()
    device = choose_device(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    has_adapters = lora is not None and lora.rank > 0
    source = config.path if checkpoint is None or has_adapters else str(checkpoint)
    check_model_path(source)
    dtype = torch.bfloat16 if config.dtype == "bf16" else torch.float32
    # An update is smaller than the spacing of bf16 numbers: weights that are trained are fp32.
    is_frozen = has_adapters or for_inference
    model, tokenizer = _open(source, dtype if is_frozen else torch.float32)
    torch.nn.Module.to(model, device)
    adapters = _add_adapters(model, lora, checkpoint) if lora is not None and has_adapters else None
    torch.nn.Module.train(model, False)
    return Policy(
        model=model,
        adapters=adapters,
        tokenizer=tokenizer,
        device=device,
        eos_ids=_eos_ids(model, tokenizer),
        pad_id=_pad_id(model, tokenizer),
        compute_dtype=dtype,
        has_linear_head=_has_linear_head(model),
    )


def _open(source: str, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    if (Path(source) / _ADAPTER_CONFIG).is_file():
        return _open_merged(Path(source), dtype)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        config = AutoConfig.from_pretrained(source)
        _switch_dropout_off(config)
        model = AutoModelForCausalLM.from_pretrained(source, config=config, dtype=dtype)
    except (OSError, ValueError, KeyError, RuntimeError, json.JSONDecodeError) as error:
        summary = str(error).strip().split("\n")[0]
        raise ModelError(
            f"{source}: cannot be loaded as a causal language model: {summary}"
        ) from error
    if getattr(model.config, "is_encoder_decoder", False):
        raise ModelError(
            f"{source}: is an encoder-decoder model; a causal language model is needed"
        )
    return model, tokenizer


def _base_of_adapters(directory: Path) -> str:
    path = directory / _ADAPTER_CONFIG
    try:
        base = json.loads(path.read_text(encoding="utf-8")).get("base_model_name_or_path")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    if not isinstance(base, str) or not base:
        raise ModelError(f"{path}: names no base_model_name_or_path")
    return base


def _open_merged(
    directory: Path, dtype: torch.dtype
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Open the base model of a checkpoint of adapters, with the adapters merged into it."""
    from peft import PeftModel

    base, tokenizer = _open(_base_of_adapters(directory), dtype)
    with _quiet_adapters():
        merged: PreTrainedModel = PeftModel.from_pretrained(base, str(directory)).merge_and_unload()
    return merged, tokenizer


@contextmanager
def _quiet_adapters() -> Iterator[None]:
    """The adapters' library asks the model by a name that the model's library has deprecated."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        yield


def _switch_dropout_off(config: PreTrainedConfig) -> None:
    """Make training and sampling one distribution; adapters bring a dropout of their own."""
    for name, value in vars(config).items():
        if name.endswith(("dropout", "pdrop", "dropout_prob")) and isinstance(value, float):
            setattr(config, name, 0.0)


def split_head(model: PreTrainedModel) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Gives what makes the last hidden states, and what makes logits of them."""
    decoder: torch.nn.Module = model.get_decoder()
    head: torch.nn.Module = model.get_output_embeddings()
    return decoder, head


def _has_linear_head(model: PreTrainedModel) -> bool:
    """Try it on a few tokens: models that scale or bend their logits say so in many ways."""
    if model.get_output_embeddings() is None:
        return False
    decoder, head = split_head(model)
    ids = torch.arange(1, 5, device=model.device)[None]
    with torch.no_grad():
        whole = model(input_ids=ids, use_cache=False).logits
        parts = head(decoder(input_ids=ids, use_cache=False).last_hidden_state)
    return whole.shape == parts.shape and torch.allclose(
        whole.float(), parts.float(), rtol=1e-3, atol=1e-3
    )


def _add_adapters(model: PreTrainedModel, lora: LoraConfig, checkpoint: Path | None) -> "PeftModel":
    from peft import LoraConfig as PeftLoraConfig
    from peft import PeftModel, get_peft_model

    if checkpoint is not None:
        with _quiet_adapters():
            return PeftModel.from_pretrained(model, str(checkpoint), is_trainable=True)
    adapters = PeftLoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.target_modules) or "all-linear",
        task_type="CAUSAL_LM",
    )
    try:
        with _quiet_adapters():
            return get_peft_model(model, adapters)
    except ValueError as error:
        names = sorted({name.rsplit(".", 1)[-1] for name, _ in model.named_modules() if name})
        raise ConfigError(
            f"lora.target_modules: {list(lora.target_modules)} fits no layer of this model; "
            f"it has {names}"
        ) from error


def _eos_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    found: set[int] = set()
    generation = getattr(model, "generation_config", None)
    candidates: list[Any] = [
        getattr(generation, "eos_token_id", None),
        getattr(model.config, "eos_token_id", None),
        tokenizer.eos_token_id,
    ]
    for candidate in candidates:
        if isinstance(candidate, int):
            found.add(candidate)
        elif isinstance(candidate, (list, tuple)):
            found.update(candidate)
    return frozenset(found)


def _pad_id(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    for candidate in (tokenizer.pad_token_id, tokenizer.eos_token_id):
        if isinstance(candidate, int):
            return candidate
    return 0
