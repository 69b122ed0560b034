import pytest

from rltf_executor.judge.faults import MAX_FRAMES, MAX_MESSAGE_CHARS, describe
from rltf_executor.judge.sources import SourceText, printable
from rltf_executor.sandbox.base import CodeFrame, Fault

SOURCE = "def f(x):\r\n    é = '\U0001f600'; return é / x\n\x0c\rf(0)"


def test_byte_order_mark_is_a_character_of_the_source():
    source = SourceText("\ufeffa = 'é' ; b = 1\nc")

    assert source.column(1, 0) == 2
    assert source.column(1, 13) == 14  # the é has two bytes
    assert source.column(2, 0) == 1


def test_lines_end_where_python_ends_them():
    source = SourceText("a\nb\r\nc\rd\x0ce\x0bf\x1cg\u2028h\x85i")

    assert source.num_lines == 4
    assert source.line(4) == "d\x0ce\x0bf\x1cg\u2028h\x85i"
    assert source.line(0) is None
    assert source.line(5) is None


def test_columns_count_characters_from_one():
    frame = CodeFrame(function="f", line=2, end_line=2, column=24, end_column=30)

    error = describe(Fault(type="E", message="m", frames=(frame,)), SourceText(SOURCE))

    assert error.source_line == "    é = '\U0001f600'; return é / x"
    assert (error.line, error.column, error.end_line, error.end_column) == (2, 21, 2, 26)
    assert error.source_line[20:25] == "é / x"


def test_the_deepest_frame_gives_the_line():
    frames = (CodeFrame(function="<module>", line=4), CodeFrame(function="f", line=2))

    error = describe(Fault(type="E", message="m", frames=frames), SourceText(SOURCE))

    assert error.line == 2
    assert [(frame.function, frame.line) for frame in error.frames] == [("<module>", 4), ("f", 2)]
    assert error.column is None


def test_an_error_outside_the_program_has_no_line():
    error = describe(Fault(type="E", message="m"), SourceText(SOURCE))

    assert error.line is None
    assert error.source_line is None
    assert error.frames == []


def test_lines_that_do_not_exist_are_left_out():
    frames = (CodeFrame(function="f", line=2), CodeFrame(function="f", line=99))

    error = describe(Fault(type="E", message="m", frames=frames), SourceText(SOURCE))

    assert error.line == 2


def test_a_compiler_may_point_past_the_last_line():
    error = describe(
        Fault(type="E", message="m", frames=(CodeFrame(function="f", line=3),)), SourceText("a\nb")
    )

    assert error.line == 3
    assert error.source_line is None


def test_what_a_program_said_is_bounded_and_printable():
    frames = tuple(CodeFrame(function="f\ud800\n", line=1) for _ in range(500))
    fault = Fault(type="E\udfff" * 1000, message="\ud83d" * 100_000, frames=frames)

    error = describe(fault, SourceText("x = '\ud800'" + " " * 100_000))

    assert len(error.message) <= MAX_MESSAGE_CHARS * 6
    assert len(error.frames) == MAX_FRAMES
    assert error.frames[0].function == "f\\ud800"
    error.model_dump_json()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a = 1", None),
        ("a = 1\nb = '\0'", ("\0", 2, 6)),
        ("a\r\n\ud800", ("\ud800", 2, 1)),
        ("", None),
    ],
)
def test_what_no_source_file_can_hold_is_found(source: str, found: tuple[str, int, int] | None):
    assert SourceText(source).first_unspeakable() == found


def test_printable_escapes_lone_surrogates_alone():
    assert printable("é\ud800\U0001f600") == "é\\ud800\U0001f600"
