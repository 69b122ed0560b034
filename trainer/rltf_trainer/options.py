"""Options of a training run, group by group; ``config.py`` reads and joins them."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from rltf_executor.schema import Limits
from rltf_trainer.advantages import Baseline
from rltf_trainer.credit import FineScale
from rltf_trainer.losses import Algorithm, Reduction
from rltf_trainer.prompts import PromptStyle


class Group(BaseModel):
    """Base of all groups: nothing unknown, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelConfig(Group):
    """Which policy is trained, and in which number format."""

    path: str = Field(
        default="", description="Model directory or hub name of a causal language model."
    )
    dtype: Literal["fp32", "bf16"] = Field(
        default="fp32", description="Number format of the weights."
    )
    device: str = Field(default="auto", description="`auto`, `cpu`, `cuda` or `cuda:N`.")
    threads: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="CPU threads of the tensor library; 0: its own choice.",
    )


class DataConfig(Group):
    """Which problems are trained on, and which only measure."""

    problems: str = Field(
        default="starter",
        description="`starter`, `mbpp[:PATH]`, `apps[:DIR]`, `humaneval[:PATH]`, `jsonl:PATH`.",
    )
    train_split: str = Field(default="train", description="Split that is trained on.")
    validation_split: str = Field(default="validation", description="Split that evaluations use.")
    limit: int | None = Field(default=None, ge=1, description="Train on the first N problems only.")
    prompt_style: PromptStyle = Field(
        default=PromptStyle.AUTO,
        description="Prompt format; `auto`: chat if the tokenizer has a template.",
    )
    num_examples: int = Field(
        default=0, ge=0, le=100, description="Solved problems shown in every prompt."
    )
    examples_split: str = Field(
        default="train",
        description="Split that the solved problems come from; they are not trained on.",
    )
    max_prompt_tokens: int = Field(
        default=1024,
        ge=1,
        le=1_000_000,
        description="Problems with a longer prompt are left out, and counted.",
    )


class RolloutConfig(Group):
    """How completions are sampled."""

    problems_per_step: int = Field(
        default=4, ge=1, le=65536, description="Problems sampled in one step."
    )
    samples_per_problem: int = Field(
        default=8, ge=1, le=4096, description="Sampled completions of each."
    )
    temperature: float = Field(default=1.0, gt=0, le=10, description="Softmax temperature.")
    top_p: float = Field(
        default=1.0, gt=0, le=1, description="Nucleus of the distribution sampled from."
    )
    top_k: int = Field(default=0, ge=0, description="Most likely tokens sampled from; 0: all.")
    max_new_tokens: int = Field(
        default=256, ge=1, le=1_000_000, description="Longest completion, tokens."
    )
    batch_size: int = Field(
        default=64, ge=1, le=65536, description="Sequences generated at a time."
    )


class ExecutorConfig(Group):
    """Where programs run; without a URL, in an executor of the run's own on a loopback port."""

    urls: tuple[str, ...] = Field(
        default=(), description="Executor services; none: an embedded one."
    )
    token: SecretStr | None = Field(
        default=None, description="Bearer token; never saved with the run."
    )
    sandbox: Literal["auto", "docker", "local"] = Field(
        default="auto", description="Backend of the embedded executor."
    )
    connect_timeout_s: float = Field(
        default=10.0,
        gt=0,
        le=3600,
        description="Longest wait for a given URL to answer at the start, seconds.",
    )
    start_timeout_s: float = Field(
        default=120.0,
        gt=0,
        le=3600,
        description="Longest wait for the embedded executor to be ready, seconds.",
    )
    retry_every_s: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="Seconds between two looks at an executor that died.",
    )
    batch_size: int = Field(
        default=64, ge=1, le=1024, description="Submissions sent in one request."
    )
    limits: Limits | None = Field(default=None, description="Replaces the limits of every problem.")


class RewardConfig(Group):
    """Rewards of whole programs and of single tokens."""

    passed: float = Field(default=1.0, description="Reward of a program that passes.")
    wrong_answer: float = Field(
        default=-0.3, description="Reward of a wrong answer with no test passed."
    )
    runtime_error: float = Field(default=-0.6, description="Reward of a crash or a limit.")
    syntax_error: float = Field(
        default=-1.0, description="Reward of a program that does not compile."
    )
    adaptive: bool = Field(
        default=True, description="Raise a wrong answer's reward by the share of tests passed."
    )
    fine: bool = Field(default=True, description="Penalise the tokens at fault for an error.")
    fine_penalty: float = Field(default=-0.3, le=0, description="Penalty of a token at fault.")
    fine_scale: FineScale = Field(
        default=FineScale.PAPER, description="How the penalty grows with the program's length."
    )
    executed_only: bool = Field(
        default=False, description="Tokens of lines that no test executed take no part in the loss."
    )


class BaselineConfig(Group):
    """What a reward is measured against."""

    kind: Baseline = Field(
        default=Baseline.GREEDY, description="Baseline subtracted from the rewards of a group."
    )
    normalize_std: bool = Field(
        default=False, description="Divide by the group's standard deviation."
    )


class AlgorithmConfig(Group):
    """The loss; an option left out has the algorithm's own value, see ``docs/rewards.md``."""

    name: Algorithm = Field(default=Algorithm.RLTF, description="Policy-gradient estimator.")
    supervised_weight: float = Field(
        default=1.0,
        ge=0,
        description="Weight of the cross-entropy on reference solutions; `rltf` only.",
    )
    clip_low: float | None = Field(
        default=None, ge=0, le=1, description="The ratio is clipped below at 1 - this."
    )
    clip_high: float | None = Field(
        default=None, ge=0, description="The ratio is clipped above at 1 + this."
    )
    reduction: Reduction | None = Field(default=None, description="How tokens are averaged.")
    dual_clip: float | None = Field(
        default=None, gt=1, description="Bound on the loss of a token with a negative advantage."
    )
    importance_cap: float | None = Field(
        default=None, gt=0, description="Weigh stale tokens by their ratio, up to this."
    )
    epochs: int = Field(default=1, ge=1, le=64, description="Optimizer updates on each batch.")


class BufferConfig(Group):
    """The online buffer of graded rollouts."""

    capacity: int = Field(default=128, ge=1, description="Rollouts kept; the oldest leave first.")
    max_staleness: int = Field(
        default=4, ge=0, description="Oldest rollout trained on, in policy versions."
    )
    replay: int = Field(
        default=0,
        ge=0,
        description="Older rollouts drawn from the buffer beside each batch of fresh ones.",
    )


class OptimizerConfig(Group):
    """AdamW and its schedule."""

    lr: float = Field(default=1e-5, gt=0, le=10, description="Peak learning rate.")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        default="constant", description="Decay after the warm-up."
    )
    warmup_steps: int = Field(default=0, ge=0, description="Steps of linear warm-up.")
    weight_decay: float = Field(default=0.0, ge=0, le=1, description="Decoupled weight decay.")
    beta1: float = Field(default=0.9, ge=0, lt=1, description="Decay of the first moment.")
    beta2: float = Field(default=0.95, ge=0, lt=1, description="Decay of the second moment.")
    grad_clip: float = Field(default=1.0, ge=0, description="Largest gradient norm; 0: no bound.")
    micro_batch_tokens: int = Field(
        default=4096, ge=1, description="Padded tokens in one forward and backward pass."
    )
    gradient_checkpointing: bool = Field(
        default=False, description="Recompute activations in the backward pass to save memory."
    )


class LoraConfig(Group):
    """Low-rank adapters instead of all weights."""

    rank: int = Field(
        default=0, ge=0, le=4096, description="Rank of the adapters; 0: train all weights."
    )
    alpha: int = Field(default=16, ge=1, description="Scale of the adapters.")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout on the adapters' input.")
    target_modules: tuple[str, ...] = Field(
        default=(),
        description="Names of the layers that get one; none: every linear layer but the head.",
    )


class CheckpointConfig(Group):
    """Saved states."""

    every: int = Field(
        default=10, ge=0, description="Steps between two checkpoints; 0: only the last step's."
    )
    keep_last: int = Field(default=2, ge=1, description="Checkpoints kept.")


class EvaluationConfig(Group):
    """Pass rate on the validation split."""

    before: bool = Field(default=False, description="Evaluate before the first step.")
    after: bool = Field(default=False, description="Evaluate after the last step.")
    every: int = Field(
        default=0, ge=0, description="Steps between two evaluations; 0: none in between."
    )
    limit: int | None = Field(default=None, ge=1, description="Use the first N problems only.")
    samples: int = Field(default=1, ge=1, le=4096, description="Completions of each problem.")
    greedy: bool = Field(default=False, description="One greedy completion instead of samples.")
    temperature: float = Field(default=1.0, gt=0, le=10, description="Softmax temperature.")
    top_p: float = Field(
        default=1.0, gt=0, le=1, description="Nucleus of the distribution sampled from."
    )
    k: tuple[int, ...] = Field(default=(1,), description="The k of each pass@k reported.")

    @model_validator(mode="after")
    def _k_within_samples(self) -> Self:
        drawn = 1 if self.greedy else self.samples
        for k in self.k:
            if not 1 <= k <= drawn:
                raise ValueError(f"k: {k} is not in 1..{drawn}, the completions of each problem")
        return self


class ReportConfig(Group):
    """What a run writes beside its checkpoints."""

    tensorboard: bool = Field(default=True, description="Write TensorBoard events too.")
    samples_per_step: int = Field(
        default=4, ge=0, le=1024, description="Rollouts of each step kept to read."
    )
