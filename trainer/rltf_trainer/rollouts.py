"""A rollout: one completion of one prompt with all that learning from it needs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One graded completion. The fields per token all have the length of ``completion_ids``.

    Attributes:
        problem_id: The problem that was asked.
        prompt_ids: Token ids the policy was given.
        completion_ids: Token ids it sampled, end-of-sequence token included if it wrote one.
        rollout_logprobs: Log-probability of each sampled token under the policy that sampled it.
        policy_version: Version of that policy.
        step: Training step the rollout was sampled in.
        is_greedy: Decoded greedily, to be a baseline.
        is_truncated: Ended by the length limit, not by the policy.
        completion: Text of ``completion_ids``.
        program_start: First character of the program in ``completion``.
        program_end: One past its last character.
        verdict: The executor's verdict, as it is spelt on the wire.
        reward: Reward of the whole completion.
        token_advantages: Advantage of the sequence plus the credit of each token.
        passed: Tests passed.
        total: Tests in all.
        error_type: Type of the error that decided the verdict, if there was one.
        error_line: 1-based line of the program it happened in, if known.
        blamed: True = the token is at fault for that error.
    """

    problem_id: str
    prompt_ids: tuple[int, ...]
    completion_ids: tuple[int, ...]
    rollout_logprobs: tuple[float, ...]
    policy_version: int
    step: int
    is_greedy: bool
    is_truncated: bool
    completion: str
    program_start: int
    program_end: int
    verdict: str
    reward: float
    token_advantages: tuple[float, ...]
    passed: int
    total: int
    error_type: str | None
    error_line: int | None
    blamed: tuple[bool, ...]

    def __post_init__(self) -> None:
        """Refuse a rollout whose parts do not fit together.

        Raises:
            ValueError: A field per token has another length than ``completion_ids``, a number is
                not finite, or the program does not lie in the completion.
        """
        num_tokens = len(self.completion_ids)
        for name, values in (
            ("rollout_logprobs", self.rollout_logprobs),
            ("token_advantages", self.token_advantages),
            ("blamed", self.blamed),
        ):
            if len(values) != num_tokens:
                raise ValueError(f"{name}: {len(values)} values for {num_tokens} tokens")
            if not all(map(math.isfinite, values)):
                raise ValueError(f"{name}: a value is not finite")
        if not math.isfinite(self.reward):
            raise ValueError(f"reward: {self.reward} is not finite")
        if not 0 <= self.program_start <= self.program_end <= len(self.completion):
            raise ValueError(
                f"program_start, program_end: {self.program_start}, {self.program_end} "
                f"are no span of a completion of {len(self.completion)} characters"
            )

    def to_dict(self) -> dict[str, object]:
        """Gives values that JSON can spell; ``from_dict`` restores them, floats bit for bit."""
        plain: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            plain[field.name] = list(value) if isinstance(value, tuple) else value
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """Rebuild a rollout from ``to_dict``, through JSON or not.

        Raises:
            ValueError: A field is missing, unknown, or of another type.
        """
        names = {field.name for field in fields(cls)}
        if plain.keys() != names:
            raise ValueError(
                f"rollout: missing {sorted(names - plain.keys())}, "
                f"unknown {sorted(plain.keys() - names)}"
            )
        return cls(
            problem_id=_string(plain, "problem_id"),
            prompt_ids=_integers(plain, "prompt_ids"),
            completion_ids=_integers(plain, "completion_ids"),
            rollout_logprobs=_floats(plain, "rollout_logprobs"),
            policy_version=_integer(plain, "policy_version"),
            step=_integer(plain, "step"),
            is_greedy=_boolean(plain, "is_greedy"),
            is_truncated=_boolean(plain, "is_truncated"),
            completion=_string(plain, "completion"),
            program_start=_integer(plain, "program_start"),
            program_end=_integer(plain, "program_end"),
            verdict=_string(plain, "verdict"),
            reward=_float(plain, "reward"),
            token_advantages=_floats(plain, "token_advantages"),
            passed=_integer(plain, "passed"),
            total=_integer(plain, "total"),
            error_type=None if plain["error_type"] is None else _string(plain, "error_type"),
            error_line=None if plain["error_line"] is None else _integer(plain, "error_line"),
            blamed=_booleans(plain, "blamed"),
        )


def _refuse(name: str, value: object, expected: str) -> ValueError:
    return ValueError(f"rollout.{name}: {type(value).__name__} is not {expected}")


def _string(plain: Mapping[str, object], name: str) -> str:
    value = plain[name]
    if not isinstance(value, str):
        raise _refuse(name, value, "a string")
    return value


def _boolean(plain: Mapping[str, object], name: str) -> bool:
    value = plain[name]
    if not isinstance(value, bool):
        raise _refuse(name, value, "a boolean")
    return value


def _integer(plain: Mapping[str, object], name: str) -> int:
    value = plain[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse(name, value, "an integer")
    return value


def _float(plain: Mapping[str, object], name: str) -> float:
    value = plain[name]
    if not isinstance(value, float):
        raise _refuse(name, value, "a float")
    return value


def _sequence(plain: Mapping[str, object], name: str) -> Sequence[object]:
    value = plain[name]
    if not isinstance(value, (list, tuple)):
        raise _refuse(name, value, "a list")
    return value


def _integers(plain: Mapping[str, object], name: str) -> tuple[int, ...]:
    values = _sequence(plain, name)
    return tuple(_integer({name: value}, name) for value in values)


def _floats(plain: Mapping[str, object], name: str) -> tuple[float, ...]:
    values = _sequence(plain, name)
    return tuple(_float({name: value}, name) for value in values)


def _booleans(plain: Mapping[str, object], name: str) -> tuple[bool, ...]:
    values = _sequence(plain, name)
    return tuple(_boolean({name: value}, name) for value in values)
