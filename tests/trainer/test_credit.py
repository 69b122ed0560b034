import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from rltf_executor.schema import ExecutionResult, Isolation, TestResult, Timing, Verdict
from rltf_trainer.credit import (
    FineScale,
    Span,
    blamed_tokens,
    decode_completion,
    executed_lines,
    executed_token_mask,
    fine_penalties,
    line_token_mask,
    program_line_spans,
    token_spans,
)
from rltf_trainer.feedback import FineCategory

PROSE = "Here you go 🙂:\n\n```python\n"
PROGRAM = "def add(a, b):\n    x = a\n    x = a\n    return x + b\n"
COMPLETION = f"{PROSE}{PROGRAM}```\nThat adds."


class ByteLevel:
    """A byte-level BPE tokenizer that merges across line ends, as many code models' do."""

    def __init__(self) -> None:
        self.backend = Tokenizer(models.BPE())
        self.backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(" ", "merged_with_next"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        self.backend.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=340,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        self.backend.train_from_iterator([COMPLETION, "if x:\r\n\treturn\r\n    y = 2\n"], trainer)

    def decode(
        self, token_ids: list[int], skip_special_tokens: bool = False, **kwargs: object
    ) -> str:
        return self.backend.decode(token_ids, skip_special_tokens=skip_special_tokens)


TOKENIZER = ByteLevel()


def characters(text: str) -> list[Span]:
    """Spans of a tokenizer with one token a character."""
    return [(i, i + 1) for i in range(len(text))]


def texts(completion: str, spans: list[Span], mask: list[bool]) -> str:
    return "".join(
        completion[start:end] for (start, end), marked in zip(spans, mask, strict=True) if marked
    )


def mark(program: str, *lines: int, before: str = "", after: str = "") -> str:
    """The characters that a mask of these lines marks, when each character is a token."""
    completion = before + program + after
    spans = characters(completion)
    start = len(before)
    mask = line_token_mask(spans, completion, start, start + len(program), lines)
    return texts(completion, spans, mask)


def test_lines_are_counted_from_the_start_of_the_program():
    assert mark(PROGRAM, 1, before=PROSE, after="```") == "def add(a, b):\n"
    assert mark(PROGRAM, 4, before=PROSE, after="```") == "    return x + b\n"


def test_of_two_equal_lines_the_one_named_is_marked():
    spans = characters(COMPLETION)
    start, end = len(PROSE), len(PROSE) + len(PROGRAM)

    mask = line_token_mask(spans, COMPLETION, start, end, [3])

    second = PROGRAM.rindex("    x = a\n") + start
    assert [i for i, marked in enumerate(mask) if marked] == list(range(second, second + 10))


def test_a_fence_right_after_an_unfinished_line_is_not_part_of_it():
    assert mark("x = 1\ny = 2", 2, after="\n```") == "y = 2"


@pytest.mark.parametrize(
    ("program", "second"),
    [
        ("a\nb\nc", "b\n"),
        ("a\r\nb\r\nc", "b\r\n"),
        ("a\rb\rc", "b\r"),
        ("a\n\tb\n", "\tb\n"),
        ("a\n\nc", "\n"),
        ("s = '\x0c\u2028\x85\x1c'\nb\nc", "b\n"),  # line ends for str.splitlines, not for Python
        ("größe = '🙂'\n数 = 1\nc", "数 = 1\n"),
        ("a\nb", "b"),
        ("a\n", ""),
        ("", ""),
    ],
)
def test_second_line_of_each_kind_of_program(program: str, second: str):
    assert mark(program, 2, before="🙂\r", after="\nb\n") == second


def test_line_numbers_are_those_of_the_compiler():
    program = "a = 1\r\nb = '\x0c\u2028'\rc = 3\n\nraise ValueError(a)\n"
    with pytest.raises(ValueError, match="1") as caught:
        exec(compile(program, "<program>", "exec"), {})
    assert caught.tb.tb_next is not None

    assert mark(program, caught.tb.tb_next.tb_lineno) == "raise ValueError(a)\n"


def test_lines_the_program_does_not_have_are_nowhere():
    assert mark("a\nb\n", 0, 3, -1) == ""


def test_a_token_over_a_line_end_belongs_to_both_lines():
    completion = "a\n  b\n"
    spans = [(0, 1), (1, 4), (4, 5), (5, 6)]  # a · newline and indent · b · newline

    assert line_token_mask(spans, completion, 0, 6, [1]) == [True, True, False, False]
    assert line_token_mask(spans, completion, 0, 6, [2]) == [False, True, True, True]


def test_a_token_without_text_is_on_no_line():
    assert line_token_mask([(0, 2), (2, 2)], "ab", 0, 2, [1]) == [True, False]


def test_a_program_outside_its_completion_is_refused():
    with pytest.raises(ValueError, match=r"program span 1\.\.4 is not in a completion of 3"):
        line_token_mask([(0, 3)], "abc", 1, 4, [1])


programs = st.text(st.sampled_from(list("ab =:(\n\r\t'é数🙂`")), max_size=40)


@given(programs, programs, programs, st.integers(0, 60))
def test_lines_divide_the_program_and_mark_the_tokens_that_overlap_them(
    before: str, program: str, after: str, num_cut: int
):
    encoded = (before + program + after).encode()
    ids = TOKENIZER.backend.encode(encoded[: len(encoded) - num_cut].decode("utf-8", "ignore")).ids
    completion = decode_completion(TOKENIZER, ids)
    start = min(len(before), len(completion))
    end = min(start + len(program), len(completion))
    spans = token_spans(TOKENIZER, ids, completion)

    lines = program_line_spans(completion, start, end)

    assert "".join(completion[first:last] for first, last in lines) == completion[start:end]
    for number, (first, last) in enumerate(lines, start=1):
        mask = line_token_mask(spans, completion, start, end, [number])
        assert mask == [left < last and right > first for left, right in spans]
    everything = line_token_mask(spans, completion, start, end, range(1, len(lines) + 1))
    assert everything == [left < end and right > start for left, right in spans]


def test_line_of_a_real_tokenizer_s_completion():
    ids = TOKENIZER.backend.encode(COMPLETION).ids
    spans = token_spans(TOKENIZER, ids, COMPLETION)
    start, end = len(PROSE), len(PROSE) + len(PROGRAM)

    mask = blamed_tokens(FineCategory.LINE, [4], spans, COMPLETION, start, end)

    marked = texts(COMPLETION, spans, mask)
    assert "return x + b\n" in marked
    assert 1 <= sum(mask) < len(mask) / 2


def test_an_ignored_error_blames_no_token_and_a_global_one_all():
    spans = characters(COMPLETION)

    nothing = blamed_tokens(FineCategory.IGNORE, (), spans, COMPLETION, 0, 5)
    everything = blamed_tokens(FineCategory.GLOBAL, (), spans, COMPLETION, 0, 5)

    assert not any(nothing)
    assert all(everything)
    assert len(nothing) == len(everything) == len(spans)


def test_the_paper_s_penalty_grows_with_the_program_around_the_line():
    # alpha = 8 tokens / 2 at fault = 4
    mask = [False, False, True, True, False, False, False, False]

    assert fine_penalties(mask) == [0.0, 0.0, -1.2, -1.2, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("scale", [FineScale.CODE, FineScale.NONE])
def test_without_alpha_each_token_at_fault_gets_the_penalty(scale: FineScale):
    assert fine_penalties([True, False, True], penalty=-0.5, scale=scale) == [-0.5, 0.0, -0.5]


@pytest.mark.parametrize("scale", list(FineScale))
def test_no_token_at_fault_means_no_penalty(scale: FineScale):
    assert fine_penalties([False, False], scale=scale) == [0.0, 0.0]
    assert fine_penalties([], scale=scale) == []


@given(st.lists(st.booleans(), min_size=1).filter(any))
def test_the_paper_s_penalties_average_to_the_penalty(mask: list[bool]):
    assert math.isclose(sum(fine_penalties(mask)) / len(mask), -0.3)


def coverage(*tests: tuple[Verdict, list[int] | None]) -> ExecutionResult:
    return ExecutionResult(
        verdict=Verdict.WRONG_ANSWER,
        passed=0,
        total=len(tests),
        tests=[
            TestResult(index=i, verdict=verdict, executed_lines=lines)
            for i, (verdict, lines) in enumerate(tests)
        ],
        timing=Timing(queue_ms=0.0, run_ms=1.0, total_ms=1.0),
        isolation=Isolation(backend="docker", runtime="runc", level="namespaces"),
    )


def test_executed_lines_are_those_of_any_test():
    result = coverage(
        (Verdict.PASSED, [1, 2]), (Verdict.WRONG_ANSWER, [1, 4]), (Verdict.SKIPPED, None)
    )

    assert executed_lines(result) == {1, 2, 4}


def test_executed_lines_are_unknown_if_a_test_that_ran_did_not_report_them():
    assert executed_lines(coverage((Verdict.PASSED, [1]), (Verdict.TIMEOUT, None))) is None
    assert executed_lines(coverage((Verdict.SKIPPED, None))) is None


def stays(program: str, executed: set[int] | None, before: str = "", after: str = "") -> str:
    completion = before + program + after
    spans = characters(completion)
    mask = executed_token_mask(spans, completion, len(before), len(before) + len(program), executed)
    return texts(completion, spans, mask)


BRANCHES = (
    '"""Absolute value."""\n'  # 1
    "def f(x):\n"  # 2
    "    # of a number\n"  # 3
    "    if x < 0:\n"  # 4
    "        return -x\n"  # 5
    "    else:\n"  # 6
    "        return x\n"  # 7
    "\n"  # 8
    "def g(y):\n"  # 9
    "    return (\n"  # 10
    "        y\n"  # 11
    "    )\n"  # 12
)


def test_statements_that_no_test_reached_take_no_part():
    kept = stays(BRANCHES, {2, 4, 7, 9})

    unreached = ["        return -x\n", "    return (\n        y\n    )\n"]
    expected = BRANCHES
    for statement in unreached:
        expected = expected.replace(statement, "")
    assert kept == expected


def test_a_statement_over_several_lines_ran_if_one_of_them_did():
    assert stays(BRANCHES, {2, 4, 5, 7, 9, 11}) == BRANCHES


def test_text_around_the_program_stays():
    kept = stays("x = 1\nif x > 1:\n    y = 2\n", {1, 2}, before="Sure:\n", after="```\n")

    assert kept == "Sure:\nx = 1\nif x > 1:\n```\n"


@pytest.mark.parametrize("executed", [None, set()])
def test_everything_stays_if_nothing_ran_or_nothing_is_known(executed: set[int] | None):
    assert stays(BRANCHES, executed) == BRANCHES


@pytest.mark.parametrize("program", ["x = (1\n", "if x:\n  y\n z\n", "'''abc\n"])
def test_everything_stays_of_a_program_that_cannot_be_tokenised(program: str):
    assert stays(program, {7}) == program


def test_a_token_shared_with_a_statement_that_ran_stays():
    completion = "if x:\n  y\nz\n"
    spans = [(0, 5), (5, 8), (8, 10), (10, 12)]  # the second is the newline and the indent

    assert executed_token_mask(spans, completion, 0, 12, {1, 3}) == [True, True, False, True]


@given(programs, st.sets(st.integers(1, 6)))
def test_whatever_was_executed_stays(program: str, executed: set[int]):
    spans = characters(program)

    mask = executed_token_mask(spans, program, 0, len(program), executed)

    ran = line_token_mask(spans, program, 0, len(program), executed)
    assert all(stay for stay, reached in zip(mask, ran, strict=True) if reached)
