"""The deployment as an operator has it: up, a submission by HTTP, a training run, down."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

pytestmark = [pytest.mark.docker, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1200)]

SUBMISSION = {
    "id": "over compose",
    "source": "def mean(xs):\n    return sum(xs) / len(xs)\n",
    "tests": [
        {"kind": "call", "function": "mean", "args": [[1, 2, 3]], "expected": 2},
        {"kind": "assert", "code": "assert mean([]) == 0"},
        {"kind": "stdio", "stdin": "", "expected_stdout": ""},
    ],
}


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model of random weights over single bytes."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<eos>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<eos>", pad_token="<eos>"
    ).save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def deployment(deploy: Callable[..., Any], tiny_model: Path) -> Iterator[Any]:
    with deploy(RLTF_MODELS=str(tiny_model.parent)) as deployment:
        deployment.wait_until_ready(120)
        yield deployment


def _containers(*filters: str) -> list[str]:
    arguments = [word for condition in filters for word in ("--filter", condition)]
    listed = subprocess.run(
        ["docker", "ps", "--all", "--format", "{{.ID}} {{.Image}}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return listed.stdout.splitlines()


def _sandboxes_of(deployment: Any) -> list[str]:
    """The sandbox containers that this deployment's executor started."""
    namespace = deployment.compose(
        "exec", "-T", "executor", "stat", "-L", "-c", "%i", "/proc/self/ns/pid"
    ).split()[-1]
    labelled = subprocess.run(
        [
            "docker",
            "ps",
            "--all",
            "--filter",
            "label=io.rltf.sandbox",
            "--format",
            '{{.ID}} {{.Label "io.rltf.owner"}}',
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    owned = (line.split() for line in labelled.stdout.splitlines())
    return [sandbox for sandbox, owner in owned if f"-{namespace}:" in owner]


def test_a_submission_is_answered_with_verdict_and_line(deployment: Any) -> None:
    answer = httpx.post(f"{deployment.url}/execute", json=SUBMISSION, timeout=60)

    assert answer.status_code == httpx.codes.OK, answer.text
    result: dict[str, Any] = answer.json()
    assert result["id"] == "over compose"
    assert [test["verdict"] for test in result["tests"]] == ["passed", "runtime_error", "passed"]
    assert (result["verdict"], result["passed"], result["total"]) == ("runtime_error", 2, 3)
    assert (result["error"]["type"], result["error"]["line"]) == ("ZeroDivisionError", 2)
    assert result["isolation"]["backend"] == "docker"


def test_the_service_runs_as_an_ordinary_user_without_capabilities(deployment: Any) -> None:
    script = (
        "for pid in [p.name for p in __import__('pathlib').Path('/proc').glob('[0-9]*')]:\n"
        "    words = open(f'/proc/{pid}/cmdline').read().split(chr(0))\n"
        "    if any(word.endswith('/rltf-executor') for word in words[:2]):\n"
        "        print(open(f'/proc/{pid}/status').read())\n"
    )
    printed = deployment.compose("exec", "-T", "executor", "python3", "-c", script)
    status = dict(line.split(":\t") for line in printed.splitlines() if ":\t" in line)

    assert status["Uid"].split() == ["10001"] * 4, printed
    assert int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1"


def test_the_trainer_takes_two_steps_and_leaves_no_container(deployment: Any) -> None:
    deployment.compose("--profile", "train", "build", "trainer")
    arguments = ["train", "--config", "configs/smoke.toml", "--model", "models/tiny"]
    sizes = ["--steps", "2", "--rollout.max_new_tokens", "16"]
    printed = deployment.compose(
        "--profile", "train", "run", "--rm", "trainer", *arguments, *sizes, "--run-dir", "runs/e2e"
    )
    metrics = deployment.compose(
        "--profile",
        "train",
        "run",
        "--rm",
        "--entrypoint",
        "cat",
        "trainer",
        "runs/e2e/metrics.jsonl",
    )

    steps = [json.loads(line)["step"] for line in metrics.splitlines() if line.startswith("{")]
    assert steps == [1, 2], f"{printed}\n{metrics}"


def test_down_leaves_nothing(deployment: Any) -> None:
    project = f"label=com.docker.compose.project={deployment.project}"
    before = _sandboxes_of(deployment)
    assert before, "the executor has no warm sandbox"

    deployment.down()

    left = {line.split()[0] for line in _containers("label=io.rltf.sandbox")}
    assert _containers(project) == []
    assert left.isdisjoint(before)
