"""Exceptions as data: the frames that lie in the program, with the interpreter's own positions."""

import pytest

from rltf_executor.runner import faults


def raised(source, *, filename=faults.PROGRAM, call=None):
    """The exception that running ``source`` as the program raises."""
    namespace = {"__name__": "program"}
    try:
        exec(compile(source, filename, "exec"), namespace)
        if call:
            namespace[call]()
    except BaseException as error:  # what a program raises is data
        return error
    raise AssertionError("nothing was raised")


def described(source, **options):
    return faults.describe(raised(source, **options))


def places(fault):
    return [(function, line) for function, line, *_ in fault["frames"]]


def test_uncaught_exception_has_type_message_and_position():
    fault = described("x = 1\ny = x + (1 // 0)\n")

    assert (fault["type"], fault["errno"]) == ("ZeroDivisionError", None)
    assert "zero" in fault["message"]
    assert fault["frames"] == [["<module>", 2, 2, 9, 15]]


def test_columns_are_offsets_in_bytes():
    fault = described("é = 'ü'; 1 // 0\n")

    ((_, line, end_line, column, end_column),) = fault["frames"]
    assert (line, end_line) == (1, 1)
    assert (column, end_column) == (len("é = 'ü'; ".encode()), len("é = 'ü'; 1 // 0".encode()))


def test_frames_are_outermost_first():
    fault = described(
        "def inner():\n    raise KeyError('k')\n\ndef outer():\n    inner()\n\nouter()\n"
    )

    assert places(fault) == [("<module>", 7), ("outer", 5), ("inner", 2)]


def test_frames_of_libraries_and_tests_are_left_out():
    source = "import json\ndef f():\n    return json.loads('{')\n"

    fault = described(source, call="f")

    assert fault["type"] == "JSONDecodeError"
    assert places(fault) == [("f", 3)]


def test_exception_raised_outside_of_the_program_has_no_frames():
    assert described("1 // 0", filename="<test>")["frames"] == []


def test_chained_exception_is_the_last_one_raised():
    fault = described(
        "try:\n    1 // 0\nexcept ZeroDivisionError as error:\n"
        "    raise ValueError('v') from error\n"
    )

    assert (fault["type"], fault["message"]) == ("ValueError", "v")
    assert places(fault) == [("<module>", 4)]


def test_of_a_recursion_its_entry_and_its_end_are_kept():
    fault = described("def f(n):\n    if n == 0:\n        1 // 0\n    f(n - 1)\n\nf(200)\n")

    assert len(fault["frames"]) == faults.MAX_FRAMES
    assert places(fault)[0] == ("<module>", 6)
    assert places(fault)[-1] == ("f", 3)


def test_statement_over_several_lines_keeps_its_first_line():
    fault = described("x = (\n    1\n    //\n    0\n)\n")

    ((_, line, end_line, _, _),) = fault["frames"]
    assert (line, end_line) == (2, 4)


def test_errno_of_an_operating_system_error_is_told():
    assert described("open('/nowhere/at/all')")["errno"] == 2


@pytest.mark.parametrize(
    "definition",
    [
        "class E(Exception):\n    def __str__(self): raise SystemExit\n",
        "class E(Exception):\n    def __str__(self): return 3\n",
    ],
)
def test_exception_that_cannot_be_spelt_says_so(definition):
    fault = described(definition + "raise E\n")

    assert (fault["type"], fault["message"]) == ("E", "<exception str() failed>")


def test_message_is_text_whatever_class_of_text_it_is():
    definition = "class S(str):\n    def __getitem__(self, at): return at\n"
    fault = described(
        definition + "class E(Exception):\n  def __str__(self): return S('x')\nraise E"
    )

    assert fault["message"] == "x"
    assert type(fault["message"]) is str


@pytest.mark.parametrize(
    "definition",
    [
        "class E(Exception):\n  def __getattribute__(self, name): raise OSError(name)\n",
        "class E(Exception):\n  __traceback__ = property(lambda self: None)\n",
        "class E(OSError):\n  errno = property(lambda self: 1 // 0)\n",
        "class E(OSError):\n  __class__ = property(lambda self: 1 // 0)\n",
    ],
)
def test_exception_that_hides_is_described_all_the_same(definition):
    fault = described(definition + "raise E('x')\n")

    assert (fault["type"], fault["errno"]) == ("E", None)
    assert [frame[1] for frame in fault["frames"]] == [3]


def test_memory_error_is_known_by_its_class():
    assert described("class Tight(MemoryError): pass\nraise Tight")["memory"]
    assert not described("class MemoryError(Exception): pass\nraise MemoryError")["memory"]


def test_columns_do_not_count_a_byte_order_mark():
    source = b"\xef\xbb\xbfx = (1,, 2)\n"
    with pytest.raises(SyntaxError) as caught:
        compile(source, "x", "exec")
    ((_, line, _, column, _),) = faults.describe_syntax(caught.value, source)["frames"]

    assert (line, column) == (1, 7)


def test_who_raised_is_told():
    namespace = {"f": raising_function("1 // 0")}
    for code, own in (("f()", True), ("assert f is None", False)):
        with pytest.raises((ArithmeticError, AssertionError)) as caught:
            exec(compile(code, "<test>", "exec"), namespace)
        assert faults.describe(caught.value)["own"] is own


def raising_function(body):
    namespace = {}
    exec(compile(f"def f():\n    {body}\n", faults.PROGRAM, "exec"), namespace)
    return namespace["f"]


def test_long_message_is_cut():
    assert len(described("raise ValueError('x' * 100_000)")["message"]) == faults.MAX_MESSAGE


def test_name_of_a_type_is_its_own_whatever_its_metaclass_says():
    source = (
        "class M(type):\n    __name__ = property(lambda cls: 1 // 0)\n"
        "class E(Exception, metaclass=M): pass\nraise E\n"
    )

    assert described(source)["type"] == "E"


def test_errno_that_is_no_number_is_none():
    assert described("e = OSError()\ne.errno = 'x'\nraise e")["errno"] is None


def syntax(source):
    data = source.encode() if isinstance(source, str) else source
    try:
        compile(data, faults.PROGRAM, "exec")
    except (SyntaxError, ValueError) as error:
        return faults.describe_syntax(error, data)
    raise AssertionError("it compiles")


def test_syntax_error_has_the_compilers_position():
    fault = syntax("x = 1\ny = = 2\n")

    assert fault["type"] == "SyntaxError"
    assert fault["frames"] == [["<module>", 2, 2, 4, 5]]


def test_column_of_a_syntax_error_is_an_offset_in_bytes():
    error = SyntaxError("m", ("f", 1, 9, "é = ü = = 2", 1, 10))  # offsets in characters, from 1

    fault = faults.describe_syntax(error, "é = ü = = 2\n".encode())

    ((_, line, _, column, end_column),) = fault["frames"]
    assert (line, column, end_column) == (1, 10, 11)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_of_a_syntax_error_does_not_depend_on_line_ends(newline):
    fault = syntax(f"x = 1{newline}é = 2{newline}y = = 2{newline}")

    ((_, line, _, column, _),) = fault["frames"]
    assert (line, column) == (3, 4)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("if True:\nx = 1\n", "IndentationError", 2),
        ("if True:\n    x = 1\n  y = 2\n", "IndentationError", 3),
        ("if True:\n\tx = 1\n        y = 2\n", "TabError", 3),
        ("def f():\n    return 'abc\n", "SyntaxError", 2),
        ("x = (1,\n", "SyntaxError", 1),
        ("return 1\n", "SyntaxError", 1),
        ("def f(a, a): pass\n", "SyntaxError", 1),
        ("x = '''\nnever closed\n", "SyntaxError", 1),
    ],
)
def test_kinds_of_syntax_errors_have_their_line(source, kind, line):
    fault = syntax(source)

    assert fault["type"] == kind
    assert fault["frames"][0][1] == line


def test_source_that_is_no_text_has_no_position_out_of_bounds():
    fault = syntax(b"x = 1\ny = '\xff'\n")

    assert fault["type"] in ("SyntaxError", "UnicodeDecodeError")
    for _, line, *_ in fault["frames"]:
        assert 1 <= line <= 3


@pytest.mark.parametrize("odd", [None, 0, -1, "x", 10**9])
def test_odd_numbers_in_a_syntax_error_do_no_harm(odd):
    error = SyntaxError("m", ("f", odd, odd, "text", odd, odd))

    fault = faults.describe_syntax(error, b"x\n")

    for _, line, _, column, end_column in fault["frames"]:
        assert line >= 1
        assert column is None or column >= 0
        assert end_column is None or end_column >= 0


def test_description_survives_code_without_positions():
    error = raised("1 // 0")
    traceback = error.__traceback__.tb_next
    bare = compile("1 // 0", faults.PROGRAM, "exec").replace(co_linetable=b"")
    assert traceback is not None
    try:
        exec(bare, {})
    except ZeroDivisionError as stripped:
        fault = faults.describe(stripped)

    assert fault["type"] == "ZeroDivisionError"
