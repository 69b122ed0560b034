"""Which problems a step asks, and what the policy answered: batches for the executor."""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from rltf_executor.schema import Limits, Submission
from rltf_trainer.errors import CheckpointError, ConfigError
from rltf_trainer.options import DataConfig, RolloutConfig
from rltf_trainer.policy.generation import Completion, GenerationRequest, Sampling, generate
from rltf_trainer.policy.loading import Policy
from rltf_trainer.problems import Problem
from rltf_trainer.prompts import (
    Extraction,
    Prompt,
    PromptStyle,
    extract_program,
    render_prompt,
    stop_strings,
)
from rltf_trainer.seeds import derive_seed, generator_for

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A problem, ready to be asked."""

    problem: Problem
    prompt: Prompt
    prompt_ids: tuple[int, ...]
    stops: tuple[str, ...]

    def reference_text(self) -> str | None:
        """Gives the reference solution as a completion of the prompt; None if there is none."""
        if self.problem.reference is None:
            return None
        program = self.problem.reference.strip("\n")
        return program + self.stops[0] if self.prompt.opens_fence else program + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The completions of one task: its samples, then its greedy one if there is one."""

    task: Task
    completions: tuple[Completion, ...]

    def programs(self) -> list[Extraction]:
        """Gives the program in each completion."""
        opens_fence = self.task.prompt.opens_fence
        return [extract_program(each.text, opens_fence=opens_fence) for each in self.completions]


@dataclass(frozen=True, kw_only=True)
class SampledBatch:
    """What one step sampled. Not graded yet."""

    step: int
    policy_version: int
    groups: tuple[Group, ...]
    generate_s: float

    @property
    def num_tokens(self) -> int:
        """Tokens sampled, greedy completions included."""
        return sum(len(each.token_ids) for group in self.groups for each in group.completions)

    @cached_property
    def programs(self) -> list[Extraction]:
        """The program in each completion, group after group."""
        return [program for group in self.groups for program in group.programs()]

    def to_state(self) -> dict[str, Any]:
        """Gives plain values, from which ``from_state`` restores the batch exactly."""
        return {
            "step": self.step,
            "policy_version": self.policy_version,
            "generate_s": self.generate_s,
            "groups": [
                {
                    "problem_id": group.task.problem.id,
                    "completions": [
                        {
                            "token_ids": list(each.token_ids),
                            "logprobs": list(each.logprobs),
                            "text": each.text,
                            "is_greedy": each.is_greedy,
                            "is_truncated": each.is_truncated,
                        }
                        for each in group.completions
                    ],
                }
                for group in self.groups
            ],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], tasks: Mapping[str, Task]) -> Self:
        """Rebuild a batch.

        Args:
            state: What ``to_state`` gave.
            tasks: The run's tasks by problem id.

        Raises:
            CheckpointError: A problem of the batch is not among ``tasks``.
        """
        groups = []
        for plain in state["groups"]:
            if plain["problem_id"] not in tasks:
                raise CheckpointError(
                    f"problem {plain['problem_id']}: was being graded when the checkpoint was "
                    "written, and is not among the problems given"
                )
            completions = tuple(
                Completion(
                    token_ids=tuple(each["token_ids"]),
                    logprobs=tuple(each["logprobs"]),
                    text=each["text"],
                    is_greedy=each["is_greedy"],
                    is_truncated=each["is_truncated"],
                )
                for each in plain["completions"]
            )
            groups.append(Group(task=tasks[plain["problem_id"]], completions=completions))
        return cls(
            step=state["step"],
            policy_version=state["policy_version"],
            generate_s=state["generate_s"],
            groups=tuple(groups),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """Submissions for a batch: programs that occur twice are run once.

    Attributes:
        submissions: Each differs from the others.
        index: For each completion, group after group, the place of its submission.
    """

    submissions: tuple[Submission, ...]
    index: tuple[int, ...]


def build_submissions(
    batch: SampledBatch, *, limits: Limits | None = None, with_coverage: bool = False
) -> Grading:
    """Give the submissions that grade ``batch``."""
    places: dict[tuple[str, str], int] = {}
    submissions: list[Submission] = []
    index: list[int] = []
    for group in batch.groups:
        problem = group.task.problem
        for program in group.programs():
            key = (problem.id, program.source)
            if key not in places:
                places[key] = len(submissions)
                submission = problem.submission(program.source, id=problem.id[:1000])
                changes: dict[str, object] = {"return_coverage": with_coverage}
                if limits is not None:
                    changes["limits"] = limits
                submissions.append(submission.model_copy(update=changes))
            index.append(places[key])
    return Grading(submissions=tuple(submissions), index=tuple(index))


def build_tasks(
    problems: Sequence[Problem],
    policy: Policy,
    data: DataConfig,
    *,
    examples: Sequence[Problem] = (),
) -> list[Task]:
    """Render and tokenise the prompt of every problem; those that are too long are left out.

    Raises:
        ConfigError: None is short enough.
    """
    tasks = []
    shortest = None
    for problem in problems:
        prompt = render_prompt(
            problem, policy.tokenizer, PromptStyle(data.prompt_style), examples=examples
        )
        # A chat template spells its own special tokens.
        ids = policy.encode(prompt.text, with_special=prompt.style is not PromptStyle.CHAT)
        shortest = len(ids) if shortest is None else min(shortest, len(ids))
        if 0 < len(ids) <= data.max_prompt_tokens:
            stops = stop_strings(prompt)
            tasks.append(Task(problem=problem, prompt=prompt, prompt_ids=ids, stops=stops))
    num_left_out = len(problems) - len(tasks)
    if not tasks:
        raise ConfigError(
            f"data.max_prompt_tokens: {data.max_prompt_tokens} leaves no problem; "
            f"the shortest prompt has {shortest} tokens"
        )
    if num_left_out:
        logger.warning(
            "prompts too long are left out",
            extra={"num_left_out": num_left_out, "max_prompt_tokens": data.max_prompt_tokens},
        )
    return tasks


def choose_tasks(tasks: Sequence[Task], step: int, num_tasks: int, seed: int) -> list[Task]:
    """Give the tasks of a step: each epoch goes through all of them in an order of its own.

    Args:
        tasks: All tasks.
        step: From 1.
        num_tasks: Tasks in a step; may be more than there are.
        seed: The run's.
    """
    first = (step - 1) * num_tasks
    chosen = []
    orders: dict[int, list[int]] = {}
    for position in range(first, first + num_tasks):
        epoch, place = divmod(position, len(tasks))
        if epoch not in orders:
            order = list(range(len(tasks)))
            random.Random(derive_seed(seed, "order", epoch)).shuffle(order)  # noqa: S311
            orders[epoch] = order
        chosen.append(tasks[orders[epoch][place]])
    return chosen


def sampling_of(rollout: RolloutConfig) -> Sampling:
    """Give how the completions of training are drawn."""
    return Sampling(
        temperature=rollout.temperature,
        top_p=rollout.top_p,
        top_k=rollout.top_k,
        max_new_tokens=rollout.max_new_tokens,
        batch_size=rollout.batch_size,
    )


def sample_groups(
    policy: Policy,
    tasks: Sequence[Task],
    sampling: Sampling,
    *,
    num_samples: int,
    with_greedy: bool,
    seed: int,
    purpose: str,
    step: int,
    should_stop: Callable[[], None],
) -> tuple[Group, ...]:
    """Have the policy complete every task.

    Args:
        policy: Who writes.
        tasks: What is asked.
        sampling: How tokens are drawn.
        num_samples: Sampled completions of each task.
        with_greedy: One greedy completion of each beside them.
        seed: The run's.
        purpose: What the draws are for; each purpose has draws of its own.
        step: The step they are for.
        should_stop: Called before every token; may raise.
    """
    requests = [
        GenerationRequest(
            prompt_ids=task.prompt_ids,
            num_samples=num_samples,
            with_greedy=with_greedy,
            stop_strings=task.stops,
        )
        for task in tasks
    ]
    answers = generate(policy, requests, sampling, generator_for(seed, purpose, step), should_stop)
    return tuple(
        Group(task=task, completions=tuple(completions))
        for task, completions in zip(tasks, answers, strict=True)
    )
