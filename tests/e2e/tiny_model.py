"""A causal model of a quarter of a million parameters that writes one-line Python functions.

It is made from scratch in seconds: a word-level tokenizer, twelve families of tasks such as
``multiply x by 7``, and a warm-up on solutions of which more than half are spoilt on purpose, so
that every verdict occurs and there is much to learn from.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONSTANTS = range(2, 10)
FENCE = "```python\n"
CLOSE = "\n```"
# The whole prompt is "# multiply x by 7\n" and a fence: the rest of what a chat model is told is
# noise to a model of this size.
TEMPLATE = (
    "{{ '# ' + messages[-1]['content'].split('Solve this task:\n')[1].split('\n')[0] + '\n' }}"
)
PATTERN = r" ?[A-Za-z_]+| ?[0-9]+| ?[-+*/%<>=!]+|\n    |\n|`+|."


@dataclass(frozen=True)
class Family:
    """One kind of task."""

    statement: str
    expression: str
    answer: Callable[[int, int], int | bool]


FAMILIES = (
    Family("add {c} to x", "x + {c}", lambda x, c: x + c),
    Family("subtract {c} from x", "x - {c}", lambda x, c: x - c),
    Family("subtract x from {c}", "{c} - x", lambda x, c: c - x),
    Family("multiply x by {c}", "x * {c}", lambda x, c: x * c),
    Family("divide x by {c} rounding down", "x // {c}", lambda x, c: x // c),
    Family("remainder of x by {c}", "x % {c}", lambda x, c: x % c),
    Family("larger of x and {c}", "max(x, {c})", max),
    Family("smaller of x and {c}", "min(x, {c})", min),
    Family("is x greater than {c}", "x > {c}", lambda x, c: x > c),
    Family("is x less than {c}", "x < {c}", lambda x, c: x < c),
    Family("is x equal to {c}", "x == {c}", lambda x, c: x == c),
    Family("square x and add {c}", "x * x + {c}", lambda x, c: x * x + c),
)


def program(family: Family, constant: int) -> str:
    """Gives the right solution."""
    return f"def f(x):\n    return {family.expression.format(c=constant)}"


def problems() -> Iterator[dict[str, object]]:
    """Gives every task as a line of the trainer's JSONL format."""
    for number, family in enumerate(FAMILIES):
        for constant in CONSTANTS:
            values = (constant, 3 * constant + 1, 23)
            asserts = [
                f"assert f({value}) == {family.answer(value, constant)!r}" for value in values
            ]
            yield {
                "id": f"tiny/{number}-{constant}",
                "statement": family.statement.format(c=constant),
                "tests": [{"kind": "assert", "code": code} for code in asserts],
                "reference": program(family, constant),
                "entry_point": "f",
                "shown_tests": [],
                "split": "train",
                "limits": {"wall_s": 1.0, "cpu_s": 0.1, "total_s": 1.5},
            }


def write_problems(path: Path) -> Path:
    """Writes the tasks as a JSONL file."""
    path.write_text("".join(json.dumps(problem) + "\n" for problem in problems()))
    return path


def spoil(source: str, rng: random.Random) -> str:
    """Makes a solution wrong in one of the ways that lead to different verdicts."""
    kinds = ["operator", "constant", "name", "colon", "bracket"]
    kind = rng.choices([*kinds, "loop"], weights=[4, 2, 2, 2, 2, 1])[0]
    head, body = source.split("\n")
    if kind == "operator":
        for old, choices in (
            (" + ", "-*"),
            (" - ", "+*"),
            (" * ", "+-"),
            (" > ", "<"),
            (" < ", ">"),
        ):
            if old in body:
                return f"{head}\n{body.replace(old, f' {rng.choice(choices)} ', 1)}"
        return source.replace("max", "min") if "max" in source else source.replace("//", "*")
    if kind == "name":
        return f"{head}\n{body.replace('x', 'y', 1)}"
    if kind == "colon":
        return source.replace("):", ")")
    if kind == "bracket":
        return source.replace("(x)", "(x", 1)
    if kind == "loop":
        return f"{head}\n    while True: pass"
    digits = [digit for digit in body if digit.isdigit()]
    return f"{head}\n{body.replace(digits[0], str(rng.choice(CONSTANTS)), 1)}"


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Gives a tokenizer whose decoding gives back every text it knows, character for character."""
    splitter = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated")
    corpus = [
        FENCE,
        CLOSE,
        " pass",
        "while True: pass",
        " y",
        "y",
        " * ",
        " - ",
        " + ",
        " < ",
        " > ",
    ]
    corpus += [f"{number} {number}" for number in range(61)]
    for family in FAMILIES:
        for constant in CONSTANTS:
            corpus.append(f"# {family.statement.format(c=constant)}\n{program(family, constant)}")
    corpus += [" while True: pass", " y + y(y) y"]
    pieces = {piece for text in corpus for piece, _ in splitter.pre_tokenize_str(text)}
    vocabulary = {
        piece: index for index, piece in enumerate(["<pad>", "<eos>", "<unk>", *sorted(pieces)])
    }
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    fast.chat_template = TEMPLATE
    return fast


def build_model(
    directory: Path, *, seed: int = 0, warmup_steps: int = 120, spoilt: float = 0.65
) -> Path:
    """Makes the model and its tokenizer in ``directory``, to be opened like any other."""
    tokenizer = build_tokenizer()
    rng = random.Random(seed)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        initializer_range=0.08,  # with the usual 0.02 it takes ten times as long to learn to copy
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    for _ in range(warmup_steps):
        input_ids, labels = _warmup_batch(tokenizer, rng, spoilt)
        loss = model(input_ids=input_ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory


def _warmup_batch(
    tokenizer: PreTrainedTokenizerFast, rng: random.Random, spoilt: float, size: int = 64
) -> tuple[torch.Tensor, torch.Tensor]:
    rows = []
    for _ in range(size):
        family, constant = rng.choice(FAMILIES), rng.choice(CONSTANTS)
        source = program(family, constant)
        if rng.random() < spoilt:
            source = spoil(source, rng)
        prompt = f"# {family.statement.format(c=constant)}\n{FENCE}"
        rows.append(
            (
                tokenizer.encode(prompt, add_special_tokens=False),
                tokenizer.encode(source + CLOSE, add_special_tokens=False),
            )
        )
    width = max(len(prompt) + len(answer) for prompt, answer in rows)
    input_ids = torch.full((size, width), tokenizer.pad_token_id)
    labels = torch.full((size, width), -100)
    for row, (prompt, answer) in enumerate(rows):
        ids = torch.tensor(prompt + answer)
        input_ids[row, : len(ids)] = ids
        labels[row, len(prompt) : len(ids)] = torch.tensor(answer)
    return input_ids, labels
