import re
from html import unescape

import pytest

from rltf_trainer.report.program_view import program_view
from rltf_trainer.report.run_data import Sample


def sample(completion: str, program: str, **changes: object) -> Sample:
    start = completion.index(program)
    values: dict[str, object] = {
        "step": 1,
        "problem_id": "p",
        "statement": "",
        "completion": completion,
        "program_start": start,
        "program_end": start + len(program),
        "verdict": "runtime_error",
        "reward": -0.6,
        "error_type": None,
        "error_message": None,
        "error_line": None,
        "token_spans": (),
        "blamed": (),
        "is_greedy": False,
        **changes,
    }
    return Sample(**values)  # type: ignore[arg-type]


def rows(markup: str) -> list[tuple[str, str, str]]:
    """Gives class, line number and text of each row."""
    found = re.findall(
        r'<div class="row ([a-z ]+)"><span class="number"(?: data-number="(\d*)")?></span>'
        r"<(?:code|span)[^>]*>(.*?)</(?:code|span)></div>",
        markup,
        re.DOTALL,
    )
    return [(kind, n, unescape(re.sub(r"<[^>]+>", "", text))) for kind, n, text in found]


def test_lines_of_the_program_are_numbered_and_those_around_it_are_not():
    view = program_view(sample("Sure:\n```python\nx = 1\n\ny = 2\n```\n", "x = 1\n\ny = 2\n"))

    assert rows(view) == [
        ("around", "", "Sure:"),
        ("around", "", "```python"),
        ("code", "1", "x = 1"),
        ("code", "2", " "),
        ("code", "3", "y = 2"),
        ("around", "", "```"),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_where_python_ends_them(newline: str):
    program = newline.join(["a = 1", "b = '\x0c \x1c \u2028'", "c = 1 / 0"])

    view = program_view(sample(program, program, error_line=3, error_type="ZeroDivisionError"))

    assert [(kind, n) for kind, n, _ in rows(view)] == [
        ("code", "1"),
        ("code", "2"),
        ("code failed", "3"),
        ("note", ""),
    ]


def test_error_is_named_under_its_line():
    view = program_view(
        sample("x = 1\ny\n", "x = 1\ny\n", error_line=2, error_type="NameError", error_message="y?")
    )

    assert rows(view)[1:] == [("code failed", "2", "y"), ("note", "", "NameError: y?")]


def test_error_past_the_last_line_is_told_in_the_caption():
    view = program_view(sample("x\n", "x\n", error_line=9, error_type="SyntaxError"))

    assert "error on line 9: SyntaxError" in view


def test_only_blamed_tokens_are_marked_and_each_by_itself():
    program = "total / count\n"
    view = program_view(
        sample(
            f"é\n{program}",
            program,
            token_spans=((0, 2), (2, 7), (7, 9), (9, 15), (15, 16)),
            blamed=(False, True, True, False, False),
        )
    )

    marked = [
        unescape(re.sub(r"<[^>]+>", "", text))
        for text in re.findall(r'<mark class="token">(.*?)</mark>', view)
    ]
    assert marked == ["total", " /"]
    assert "2 of 5 tokens at fault (marked)" in view


def test_token_over_a_line_end_is_marked_on_both_lines():
    view = program_view(sample("a\nb\n", "a\nb\n", token_spans=((0, 4),), blamed=(True,)))

    assert view.count('<mark class="token">') == 2
    assert "all 1 tokens at fault" in view


def test_program_that_starts_within_a_line_is_numbered_from_there():
    view = program_view(sample("Answer: x = 1\ny = 2", "x = 1\ny = 2"))

    assert [n for _, n, _ in rows(view)] == ["1", "2"]


def test_completion_without_a_program_says_so():
    empty = sample("I cannot.", "I cannot.", program_start=9, program_end=9)

    assert "no program was found" in program_view(empty)
    assert rows(program_view(empty)) == [("around", "", "I cannot.")]
    assert "The completion is empty" in program_view(sample("", "", program_start=0, program_end=0))


def test_hostile_completion_is_shown_not_run():
    program = "</code></div><script>alert('1')</script><img src=x onerror=alert(1)>\n&amp;\n"
    view = program_view(
        sample(program, program, error_line=1, error_type="<b>", error_message="<script>")
    )

    assert set(re.findall(r"<(\w+)", view)) <= {"div", "span", "code", "mark", "p"}
    assert rows(view)[0][2] == program.split("\n")[0]
    assert rows(view)[2][2] == "&amp;"


def test_characters_that_disguise_a_program_are_shown_by_number():
    program = "a = '\u202e\u200b\ud800\x00\x1b'\n"

    view = program_view(sample(program, program))

    assert rows(view)[0][2] == "a = '⟨U+202E⟩⟨U+200B⟩⟨U+D800⟩␀␛'"
    view.encode("utf-8")


def test_very_long_completion_is_cut_and_says_how_much_is_missing():
    prose, program = "x" * 5_000 + "\n", "y = 1\n" * 10_000
    view = program_view(sample(prose + program, program))

    assert "3,501 characters before this are not shown" in view
    assert "characters after this are not shown" in view
    assert len(view) < 600_000
    first_numbered = next(n for _, n, _ in rows(view) if n)
    assert first_numbered == "1"


def test_highlighting_hostile_quotes_takes_linear_time():
    program = "'''" + "\\" * 4_000 + "\"'" * 4_000

    assert program_view(sample(program, program))
