"""Problem to prompt, and where its answer stops. Reading the answer is ``extraction.py``'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, cast

from rltf_trainer.errors import UserError
from rltf_trainer.extraction import Extraction, extract_program
from rltf_trainer.problems.base import Problem

__all__ = [
    "ChatTokenizer",
    "Extraction",
    "Prompt",
    "PromptStyle",
    "extract_program",
    "render_prompt",
    "stop_strings",
]

OPEN_FENCE: Final = "```python\n"
CLOSE_FENCE: Final = "\n```"


class PromptStyle(StrEnum):
    """How a problem is put to a policy."""

    CHAT = "chat"  # the tokenizer's chat template, the answer already inside a fence
    APPS = "apps"  # QUESTION … ANSWER, for models tuned on that format; the answer is bare code
    FEW_SHOT = (
        "few_shot"  # solved examples first, for base models; the answer already inside a fence
    )
    AUTO = "auto"  # chat with a template, else few_shot with examples, else apps


@dataclass(frozen=True, slots=True)
class Prompt:
    """A problem as the policy sees it."""

    problem: Problem
    text: str
    opens_fence: bool  # the text ends inside a Python fence, so a completion begins with code
    style: PromptStyle = PromptStyle.CHAT


class ChatTokenizer(Protocol):
    """What is asked of a tokenizer that has a chat template."""

    def apply_chat_template(
        self,
        conversation: list[dict[str, str]],
        *,
        tokenize: bool,
        add_generation_prompt: bool,
    ) -> object:
        """Gives the text of a conversation."""


def render_prompt(
    problem: Problem,
    tokenizer: object,
    style: PromptStyle = PromptStyle.AUTO,
    *,
    examples: Sequence[Problem] = (),
) -> Prompt:
    """Gives the prompt of a problem.

    Args:
        problem: What to solve; of its tests and answers only ``shown_tests`` enter the text.
        tokenizer: Tokenizer of the policy; only its chat template is used.
        style: Format; ``AUTO`` looks at the tokenizer and the examples.
        examples: Solved problems that come first; ``APPS`` has no place for them.

    Raises:
        UserError: The style does not go with the tokenizer or the examples.
    """
    chosen = _choose(style, tokenizer, bool(examples))
    if chosen is PromptStyle.APPS:
        if examples:
            raise UserError("prompt style apps: takes no examples; use few_shot or chat")
        return Prompt(problem=problem, text=_apps_text(problem), opens_fence=False, style=chosen)
    if chosen is PromptStyle.FEW_SHOT:
        text = "".join(map(_solved_text, examples)) + _unsolved_text(problem)
    else:
        text = _chat_text(problem, tokenizer, examples)
    return Prompt(problem=problem, text=text + OPEN_FENCE, opens_fence=True, style=chosen)


def stop_strings(prompt: Prompt) -> tuple[str, ...]:
    """Gives the strings that end a completion, beside the end-of-text token."""
    return (CLOSE_FENCE,) if prompt.opens_fence else ("\nQUESTION:", "\nANSWER:")


def _choose(style: PromptStyle, tokenizer: object, has_examples: bool) -> PromptStyle:
    has_template = getattr(tokenizer, "chat_template", None) is not None
    if style is PromptStyle.CHAT and not has_template:
        raise UserError(
            "prompt style chat: the tokenizer has no chat template; use few_shot or apps"
        )
    if style is not PromptStyle.AUTO:
        return style
    if has_template:
        return PromptStyle.CHAT
    return PromptStyle.FEW_SHOT if has_examples else PromptStyle.APPS


def _chat_text(problem: Problem, tokenizer: object, examples: Sequence[Problem]) -> str:
    messages = []
    for example in examples:
        messages.append({"role": "user", "content": _request(example)})
        answer = f"{OPEN_FENCE}{_reference(example)}{CLOSE_FENCE}"
        messages.append({"role": "assistant", "content": answer})
    messages.append({"role": "user", "content": _request(problem)})
    text = cast(ChatTokenizer, tokenizer).apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True
    )
    if not isinstance(text, str):
        raise UserError(f"prompt style chat: the chat template gave {type(text).__name__}, no text")
    return text


def _request(problem: Problem) -> str:
    """Gives what a user would write to an assistant."""
    if problem.is_stdio and problem.starter_code.strip():
        return _script_request(problem)
    parts = [f"You are a skilled Python programmer. Solve this task:\n{problem.statement}"]
    if problem.starter_code.strip():
        parts.append(f"Begin your code with:\n{problem.starter_code.strip()}")
    if problem.is_stdio:
        parts.append("Write a program that reads with input() and answers with print().")
    if problem.shown_tests:
        parts.append("Your code has to pass these tests:\n" + "\n".join(problem.shown_tests))
    parts.append("Answer with one Python code block only.")
    return "\n\n".join(parts)


def _script_request(problem: Problem) -> str:
    """Gives the request for a script whose beginning is known, as a script to be completed.

    Asked for a program in words, a small model tends to write functions that nothing calls.
    """
    task, _, more = problem.statement.partition("\n\n")
    comment = "\n".join(f"# {line}" for line in task.splitlines())
    parts = [
        "Complete this Python script. It has no functions. It prints the answer and nothing else.",
        f"{OPEN_FENCE}{comment}\n{problem.starter_code.strip()}{CLOSE_FENCE}",
        more,
        "Answer with one Python code block only.",
    ]
    return "\n\n".join(part for part in parts if part)


def _unsolved_text(problem: Problem) -> str:
    parts = [f"Task: {problem.statement}"]
    if problem.is_stdio:
        parts.append("The program reads standard input and prints to standard output.")
    if problem.starter_code.strip():
        parts.append(f"It begins with:\n{problem.starter_code.strip()}")
    if problem.shown_tests:
        parts.append("Tests:\n" + "\n".join(problem.shown_tests))
    return "\n".join(parts) + "\nSolution:\n"


def _solved_text(example: Problem) -> str:
    return f"{_unsolved_text(example)}{OPEN_FENCE}{_reference(example)}{CLOSE_FENCE}\n\n"


def _reference(example: Problem) -> str:
    if example.reference is None:
        raise UserError(f"prompt examples: {example.id} has no reference solution to show")
    return example.reference.strip("\n")


def _apps_text(problem: Problem) -> str:
    """Gives the format of APPS and RLTF (arXiv 2105.09938, 2307.04349)."""
    question = "\n".join([problem.statement, *problem.shown_tests])
    starter = f"{problem.starter_code.rstrip()}\n" if problem.starter_code.strip() else ""
    how = "Standard Input" if problem.is_stdio else "Call-Based"
    return f"\nQUESTION:\n{question}\n{starter}\nUse {how} format\n\nANSWER:\n"
