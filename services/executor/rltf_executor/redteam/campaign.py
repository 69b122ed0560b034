"""Sends attacks to a grader, one after the other, and an innocent program after each.

An attack has succeeded when the grader gave no verdict, gave one that the attack may not get, ran a
program that says it got through, or was wrong about the innocent program that came next.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from rltf_executor.redteam.suites import MARK, Attack, Kind, parse
from rltf_executor.redteam.targets import Observation, Target
from rltf_executor.schema import Verdict

_QUOTED: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one attack."""

    suite: str
    name: str
    category: str
    intent: str
    verdicts: tuple[str, ...]  # one per kind of test, then the follow-up's
    success: str | None  # how the attack succeeded; None: it was held
    wall_ms: float


def is_applicable(attack: Attack, target: Target) -> bool:
    """Tells if a grader can be asked about an attack at all."""
    return any(kind in target.kinds for kind in attack.kinds)


async def run_campaign(
    attacks: Sequence[Attack], target: Target, *, lanes: int = 1, innocents: int = 1
) -> AsyncIterator[Finding]:
    """Yield a finding per attack, as they come.

    Args:
        attacks: What to send.
        target: Where to.
        lanes: How many attacks are under way at a time.
        innocents: Innocent programs sent at once after each attack, and follow-ups: as many as the
            grader has sandboxes reach all of them.
    """
    waiting = list(reversed([attack for attack in attacks if is_applicable(attack, target)]))
    found: asyncio.Queue[Finding | None] = asyncio.Queue()

    async def work() -> None:
        try:
            while waiting:
                await found.put(await _run(waiting.pop(), target, innocents))
        finally:
            await found.put(None)

    async with asyncio.TaskGroup() as group:
        for _ in range(lanes):
            group.create_task(work())
        running = lanes
        while running:
            finding = await found.get()
            if finding is None:
                running -= 1
            else:
                yield finding


async def _run(attack: Attack, target: Target, innocents: int) -> Finding:
    begin = time.monotonic()
    verdicts, success = [], None
    for kind in (kind for kind in attack.kinds if kind in target.kinds):
        observation = await target.grade(attack, kind)
        verdicts.append(_named(observation))
        success = success or how_it_succeeded(attack, kind, observation)
    if attack.then is not None:
        then = attack.then
        for observation in await asyncio.gather(
            *(target.grade(then, then.kinds[0]) for _ in range(innocents))
        ):
            verdicts.append(_named(observation))
            success = success or how_it_succeeded(then, then.kinds[0], observation)
    success = success or await _harm_to_innocents(target, innocents)
    return Finding(
        suite=attack.suite,
        name=attack.name,
        category=attack.category or "reward hack",
        intent=attack.intent,
        verdicts=tuple(verdicts),
        success=success,
        wall_ms=1000 * (time.monotonic() - begin),
    )


def how_it_succeeded(attack: Attack, kind: Kind, observation: Observation) -> str | None:
    """Gives how an attack succeeded, or None."""
    if observation.verdict is None:
        return f"no verdict: {observation.detail[:_QUOTED]}"
    if MARK in observation.output:
        said = observation.output[observation.output.index(MARK) :].splitlines()[0]
        return f"the program got through: {said[:_QUOTED]}"
    if observation.verdict not in attack.allowed:
        return (
            f"{kind}: {observation.verdict} is none of {', '.join(attack.allowed)}"
            f" ({observation.detail[:_QUOTED]})"
        )
    if attack.suite == "reward_hacks":
        passed = {i for i, v in enumerate(observation.tests) if v is Verdict.PASSED}
        if undeserved := passed - set(attack.may_pass):
            return f"{kind}: test {min(undeserved)} passed"
    return None


_INNOCENT: Final = """
import sys


def solve(number):
    return [number, number * 2.5, str(number)]


if __name__ == "__main__":
    print("contained", file=sys.stdout)
"""
_INNOCENT_ASSERTS: Final = (
    "assert solve(2) == [2, 5.0, '2']",
    "assert solve(4) == [4, 10.0, 'four']",
    "assert sorted(map(str, solve(1))) == ['1', '1', '2.5']",
)


def innocent_programs() -> list[tuple[Attack, Kind, list[Verdict]]]:
    """Gives programs that do no harm, each with the verdicts its tests must get."""
    prints = parse(f"# /// redteam\n# ///\n{_INNOCENT}", "programs", "innocent")
    returns = parse(_INNOCENT, "reward_hacks", "innocent")
    asserts = returns.model_copy(update={"kinds": ("assert",), "asserts": _INNOCENT_ASSERTS})
    calls = returns.model_copy(update={"kinds": ("call",), "expected": [3, 7.5, "3"]})
    wrong = [Verdict.PASSED, Verdict.WRONG_ANSWER, Verdict.PASSED]
    return [
        (prints, "stdio", [Verdict.PASSED]),
        (calls, "call", [Verdict.PASSED]),
        (asserts, "assert", wrong),
    ]


async def _harm_to_innocents(target: Target, innocents: int) -> str | None:
    programs = [item for item in innocent_programs() if item[1] in target.kinds]
    for program, kind, right in programs:
        answers = await asyncio.gather(*(target.grade(program, kind) for _ in range(innocents)))
        for answer in answers:
            # A grader that trusts exit codes cannot tell a wrong answer from an error.
            told = [v is Verdict.PASSED for v in answer.tests]
            if answer.verdict is None or told != [v is Verdict.PASSED for v in right]:
                return f"the innocent {kind} program after it got {_named(answer)}: {answer.detail}"
    return None


def _named(observation: Observation) -> str:
    return "no verdict" if observation.verdict is None else str(observation.verdict)
