import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.extraction import extract_program

pieces = st.sampled_from(
    [
        "```",
        "````",
        "~~~",
        "```python",
        "``` py ",
        "~~~python3",
        "```text",
        "\n",
        "\r\n",
        "\r",
        "    ",
        "\t",
        "def f():",
        "return 1",
        "prose é 漢字 😀",
        "`x`",
        " ",
        "",
        "\x0c",
        "\u2028",
    ]
)
completions = st.lists(pieces | st.text(max_size=8), max_size=30).map("".join)


def opened(completion: str) -> str:
    return extract_program(completion, opens_fence=True).source


def answered(completion: str) -> str:
    return extract_program(completion, opens_fence=False).source


@given(completions, st.booleans())
def test_source_is_exactly_its_span(completion: str, opens_fence: bool):
    extraction = extract_program(completion, opens_fence=opens_fence)

    assert 0 <= extraction.start <= extraction.end <= len(completion)
    assert extraction.source == completion[extraction.start : extraction.end]


@given(st.text(alphabet="abc =\n\t()é😀", max_size=60), st.sampled_from(["\n", "\r\n"]))
def test_program_in_a_fence_comes_back_whatever_surrounds_it(program: str, newline: str):
    program = f"x{program}".replace("\n", newline) + newline
    completion = f"Sure!{newline}```python{newline}{program}```{newline}That is all.{newline}"

    assert answered(completion) == program
    assert opened(f"{program}```{newline}That is all.") == program


@pytest.mark.parametrize(
    ("completion", "program"),
    [
        ("x = 1\n", "x = 1\n"),
        ("x = 1\n```", "x = 1\n"),
        ("x = 1\n```\n\nThis sets x.\n```python\ny = 2\n```", "x = 1\n"),
        ("x = 1\r\n```\r\n", "x = 1\r\n"),
        ("\n\nx = 1\n  ```", "\n\nx = 1\n"),
        ("x = 1\n````\n", "x = 1\n"),
        ("x = 1\n~~~\ny = 2\n", "x = 1\n~~~\ny = 2\n"),
        ("x = '``'\n", "x = '``'\n"),
        ("x = 1```", "x = 1"),
        ("x = 1```\n", "x = 1"),
        ("x = 1\n```python\ny = 2\n```", "x = 1\n"),
        ("if x:\n    retur", "if x:\n    retur"),
    ],
)
def test_opened_program_goes_on_to_the_closing_fence(completion: str, program: str):
    extraction = extract_program(completion, opens_fence=True)

    assert extraction.source == program
    assert extraction.start == 0


@pytest.mark.parametrize(
    ("completion", "program"),
    [
        ("```python\nx = 1\n```\n", "x = 1\n"),
        ("\n```py\nx = 1\n", "x = 1\n"),
        ("~~~python\nx = 1\n```\n~~~\n", "x = 1\n```\n"),
        ("```\n```python\nx = 1\n```", "x = 1\n"),
    ],
)
def test_fence_opened_once_more_is_no_part_of_the_program(completion: str, program: str):
    assert opened(completion) == program


@pytest.mark.parametrize(
    "completion", ["", "\n \n", "```", "```\nSorry.", "```python", "```python\n"]
)
def test_opened_program_may_be_empty(completion: str):
    extraction = extract_program(completion, opens_fence=True)

    assert extraction.source == ""
    assert extraction.start == extraction.end


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("```", "```"),
        ("```python", "```"),
        ("```Python3", "```"),
        ("``` py ", "```  "),
        ("````python", "`````"),
        ("~~~", "~~~"),
        ("~~~~ python", "~~~~"),
        ("```{.python}", "```"),
        ("``` python title=x.py", "```"),
        ("  ```python", "  ```"),
        ("\t```", "```"),
        ("Here it is: ```python", "```"),
    ],
)
def test_fence_of_any_kind_holds_the_program(opening: str, closing: str):
    assert answered(f"Text.\n{opening}\nx = 1\n\ny = 2\n{closing}\nText.") == "x = 1\n\ny = 2\n"


def test_truncated_block_goes_on_to_the_end():
    assert answered("Sure:\n```python\ndef f():\n    retu") == "def f():\n    retu"


def test_closed_block_is_taken_before_a_truncated_one():
    completion = "```python\nx = 1\n```\nBetter:\n```python\nx = "

    assert answered(completion) == "x = 1\n"


def test_last_python_block_is_taken():
    completion = "```python\ndef f(): return 1\n```\nBetter:\n```python\ndef f(): return 2\n```\n"

    assert answered(completion) == "def f(): return 2\n"


def test_example_of_use_after_the_definition_is_not_taken():
    completion = "```python\ndef f():\n    return 1\n```\nUse:\n```python\nprint(f())\n```\n"

    assert answered(completion) == "def f():\n    return 1\n"


def test_python_block_is_taken_before_others():
    output = "```text\n1\n```\n"
    plain = "```\ndef g(): pass\n```\n"

    assert answered(f"{output}```python\nx = 1\n```\n{plain}{output}") == "x = 1\n"
    assert answered(output + plain + output) == "def g(): pass\n"
    assert answered(output) == "1\n"


def test_block_that_was_not_closed_ends_where_the_next_begins():
    completion = "```python\ndef f(): pass\n```text\nfine\n```\n"

    assert answered(completion) == "def f(): pass\n"


def test_shorter_or_other_fence_does_not_close():
    assert answered("````python\nx = 1\n```\ny = 2\n````\n") == "x = 1\n```\ny = 2\n"
    assert answered("~~~python\nx = 1\n```\ny = 2\n~~~\n") == "x = 1\n```\ny = 2\n"


def test_indented_block_keeps_its_indentation():
    assert answered("1. Do:\n   ```python\n   x = 1\n   ```\n") == "   x = 1\n"


@pytest.mark.parametrize(
    ("completion", "program"),
    [
        ("x = 1", "x = 1"),
        ("\n\n  x = 1\n\n", "  x = 1\n"),
        ("x = 1\n```\n", "x = 1\n"),
        ("x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        ("Use `x` here", "Use `x` here"),
        ("", ""),
        ("\n\t\n", ""),
        ("```", ""),
        ("```python\n```\n", ""),
        ("```python\n\n```\n", ""),
    ],
)
def test_without_a_block_the_whole_answer_is_the_program(completion: str, program: str):
    assert answered(completion) == program


def test_unicode_line_separator_is_no_line_end():
    assert answered("```python\nx = '\u2028```'\n```") == "x = '\u2028```'\n"


def test_long_answers_take_linear_time():
    for piece in ("`", "```", "```\n", " ", "a ```python\n", "\r", "~"):
        completion = piece * (100_000 // len(piece))
        for opens_fence in (True, False):
            extraction = extract_program(completion, opens_fence=opens_fence)
            assert extraction.source == completion[extraction.start : extraction.end]
