"""What of an assert enters the sandbox, and what stays outside."""

import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.judge import Judge
from rltf_executor.judge.asserts import split_asserts
from rltf_executor.judge.foreign import NumpyArray, broadcast
from rltf_executor.sandbox.base import Evaluate, Exec, Hold
from rltf_executor.schema import Submission, Verdict

SECRET = "987654"

FORMS = [
    f"assert f(2) == {SECRET}",
    f"assert {SECRET} == f(2)",
    f"assert f(2) != {SECRET}",
    f"assert f(2) < {SECRET}",
    f"assert f(2) == -{SECRET}.5",
    f"assert f(2) == [1, ({SECRET}, 'a')]",
    f"assert f(2) == {{'a': {SECRET}}}",
    f"assert f(2) is {SECRET}",
    f"assert f(2) in [1, {SECRET}]",
    f"assert f(2) not in ({SECRET}, 1)",
    f"assert {SECRET} in f(2)",
    f"assert {SECRET} not in f(2)",
    f"assert not f(2) == {SECRET}",
    f"assert f(2) == {SECRET} and g(3) == {SECRET}",
    f"assert f(2) == {SECRET} or g(3) == {SECRET}",
    f"assert 1 < f(2) < {SECRET}",
    f"assert f(2) == {SECRET}, 'expected {SECRET}'",
    f"assert f(2), 'expected {SECRET}'",
    f"assert abs(f(2) - {SECRET}) < 1e-6",
    f"assert abs({SECRET} - f(2)) < 1e-6",
    f"assert round(abs(f(2) - {SECRET}.5), 3) == 0",
    f"assert round(f(2), 3) == {SECRET}",
    f"assert math.isclose(f(2), {SECRET}, rel_tol=1e-6)",
    f"assert math.isclose({SECRET}, f(2))",
    f"assert np.allclose(f(2), [{SECRET}, 1])",
    f"assert np.array_equal(f(2), np.array([{SECRET}, 1]))",
    f"assert (f(2) == np.array([{SECRET}, 1])).all()",
    f"assert np.all(f(2) == [{SECRET}, 1])",
    f"assert set(f(2)) == {{{SECRET}, 1}}",
    f"assert set(f(2)) == set([{SECRET}, 1])",
    f"assert sorted(f(2)) == sorted([{SECRET}, 1])",
    f"assert len(f(2)) == {SECRET}",
    f"assert str(f(2)) == '{SECRET}'",
    f"assert f(2) == Counter({{'a': {SECRET}}})",
    f"assert f(2) == Decimal('{SECRET}')",
    f"assert f(2) == '{SECRET}'.upper()",
    f"assert f(2) == [{SECRET}] * 3",
    f"assert f(2) == (\n    {SECRET}\n)",
    f"expected = {SECRET}\nassert f(2) == expected",
    f"expected = [{SECRET}]\nresult = f(2)\nassert result == expected",
    f"x = f(2)\nassert x == {SECRET}\nassert x > {SECRET}",
    f"# {SECRET}\nassert f(2) == 3  # {SECRET}",
    f"assert f(2) == {SECRET} if True else 0" if False else f"assert (f(2) == {SECRET})",
]


@pytest.mark.parametrize("code", FORMS)
def test_expected_answers_do_not_enter_the_sandbox(code: str):
    plan = split_asserts(code)

    assert SECRET not in repr(plan.steps)
    assert "f(2)" in repr(plan.steps)
    assert not plan.is_inside


def test_an_assert_of_a_call_is_one_expression():
    assert split_asserts("assert f(2) == 4").steps == (Evaluate(expressions=("f(2)",)),)


def test_the_same_is_asked_whatever_truth_is_wanted():
    assert split_asserts("assert f(2)").steps == split_asserts("assert not f(2)").steps


def test_statements_between_asserts_run_as_they_stand():
    plan = split_asserts("x = f(1)\ny = 'é'; z = 2\nassert x == 1\ndel x\nassert g(y) == 2")

    assert plan.steps == (
        Exec(code="x = f(1)\ny = 'é'\nz = 2"),
        Evaluate(expressions=("x",)),
        Exec(code="del x"),
        Evaluate(expressions=("g(y)",)),
    )


def test_decorated_and_nested_statements_are_cut_out_whole():
    code = "@wraps\n@f(\n  1)\ndef g():\n    return '''a\nb'''\nassert g() == 1"

    assert split_asserts(code).steps[0] == Exec(
        code="@wraps\n@f(\n  1)\ndef g():\n    return '''a\nb'''"
    )


@pytest.mark.parametrize(
    "code",
    [
        "assert Node(1) is Node(1)",
        "assert all(f(i) == i for i in range(3))",
        "assert f(1) == 2 if g() else h()",
        "for i in range(3):\n    assert f(i) == i",
        "def check(f):\n    assert f(1) == 2\ncheck(f)",
    ],
)
def test_what_cannot_be_split_runs_inside_and_says_so(code: str):
    assert split_asserts(code).is_inside


def test_an_assert_inside_loses_its_message():
    plan = split_asserts(f"assert all(f(i) == i for i in x), 'expected {SECRET}'")

    assert plan.steps == (Hold(code="assert (all(f(i) == i for i in x)\n)"),)


def test_a_name_bound_to_the_answer_is_sent_in_where_it_is_used_there():
    plan = split_asserts("expected = [5]\nexpected.append(f(1))\nassert f(2) == expected")

    assert plan.steps[0] == Exec(code="expected = [5]\nexpected.append(f(1))")


def test_a_name_the_program_reads_is_sent_in_unless_it_says_answer():
    source = "def f():\n    return limit or expected"

    assert "limit = 5" in repr(split_asserts("limit = 5\nassert f() == limit", source).steps)
    assert "limit = 5" not in repr(split_asserts("limit = 5\nassert f() == limit").steps)
    assert SECRET not in repr(
        split_asserts(f"expected = {SECRET}\nassert f() == expected", source).steps
    )


def test_code_that_is_no_python_fails_inside():
    assert split_asserts("assert f(1) = 2").steps == (Exec(code="assert f(1) = 2"),)
    assert split_asserts("assert f('\ud800') == 2").steps == (Exec(code="assert f('\ud800') == 2"),)


def test_plans_are_remembered():
    assert split_asserts("assert f(20) == 4") is split_asserts("assert f(20) == 4")


ALWAYS_EQUAL = """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return True
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return 0
    def __contains__(self, item): return True
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __abs__(self): return 0
    def __float__(self): return 3.0
    def __len__(self): return 3
class AlwaysInt(Always, int): pass
class AlwaysList(Always, list): pass
f = g = lambda *args: KIND()
"""


@pytest.mark.parametrize("kind", ["Always", "AlwaysInt", "AlwaysList"])
@pytest.mark.parametrize(
    "code",
    [
        "assert f(2) == 3",
        "assert 3 == f(2)",
        "assert f(2) == [3]",
        "assert f(2) < 3",
        "assert f(2) in [3, 4]",
        "assert 3 in f(2)",
        "assert abs(f(2) - 3) < 1e-6",
        "import math\nassert math.isclose(f(2), 3)",
        "assert f(2) is None",
        "assert f(2) == 3 and f(2) == 4",
        "assert f(2) == 3 or f(2) == 4",
    ],
)
async def test_an_object_that_equals_everything_passes_nothing(judge: Judge, kind: str, code: str):
    result = await judge.judge(
        Submission(
            source=ALWAYS_EQUAL.replace("KIND", kind), tests=[{"kind": "assert", "code": code}]
        )
    )

    assert result.verdict is Verdict.WRONG_ANSWER
    assert ("impostor_value" in result.tests[0].flags) is (kind != "Always")


async def test_a_lie_about_the_class_is_not_believed(judge: Judge):
    source = """
class Liar:
    __class__ = int
class Sub(int): pass
def liar(): return Liar()
def sub(): return Sub(3)
"""

    result = await judge.judge(
        Submission(
            source=source,
            tests=[
                {"kind": "assert", "code": "assert isinstance(liar(), int)"},
                {"kind": "assert", "code": "assert isinstance(sub(), (int, str))"},
                {"kind": "assert", "code": "assert isinstance(liar(), object)"},
            ],
        )
    )

    assert [test.verdict for test in result.tests] == ["wrong_answer", "passed", "passed"]


async def test_programs_may_name_variables_like_builtins(judge: Judge):
    source = "range = zip = type = hasattr = len = 3\ndef f():\n    yield 5\n"

    result = await judge.judge(
        Submission(source=source, tests=[{"kind": "assert", "code": "assert 5 in f()"}])
    )

    assert result.verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("assert np.array_equal(f([1, 2]), [1, 2])", Verdict.PASSED),
        ("assert np.array_equal(f([1, 2]), np.array([1, 3]))", Verdict.WRONG_ANSWER),
        ("assert np.array_equal(f([1, 2]), [1, 2, 3])", Verdict.WRONG_ANSWER),
        ("assert np.allclose(f([0.1 + 0.2]), [0.3])", Verdict.PASSED),
        ("assert np.allclose(f([0.31]), [0.3])", Verdict.WRONG_ANSWER),
        ("assert np.allclose(f([0.31]), [0.3], atol=0.1)", Verdict.PASSED),
        ("assert np.allclose(f([0.3, 0.3]), 0.3)", Verdict.PASSED),
        ("assert np.isclose(f([0.1])[0], 0.1)", Verdict.PASSED),
        ("assert (f([1, 2]) == [1, 2]).all()", Verdict.PASSED),
        ("assert (f([1, 2]) == np.array([1, 3])).all()", Verdict.WRONG_ANSWER),
        ("assert np.all(f([[1], [2]]) == [[1], [2]])", Verdict.PASSED),
        ("assert f([1, 2]) == [1, 2]", Verdict.RUNTIME_ERROR),
        ("assert f([1, 2]).tolist() == [1, 2]", Verdict.PASSED),
        ("assert f([1, 2]).shape == (2,)", Verdict.PASSED),
        ("assert f([1, 2]).sum() == 3", Verdict.PASSED),
        ("assert f([1, 2])[0] == 1", Verdict.PASSED),
        ("assert isinstance(f([1, 2]), np.ndarray)", Verdict.PASSED),
        ("assert isinstance(f([1.5])[0], float)", Verdict.PASSED),
        ("assert isinstance(f([1])[0], int)", Verdict.WRONG_ANSWER),
        ("assert f([True])[0]", Verdict.PASSED),
        ("assert f([True])[0] == True", Verdict.PASSED),
        ("assert f([True])[0] is True", Verdict.WRONG_ANSWER),
        ("assert f([1, 2])", Verdict.RUNTIME_ERROR),
        ("assert 1 in f([1, 2])", Verdict.PASSED),
        ("assert 3 in f([1, 2])", Verdict.WRONG_ANSWER),
        ("assert list(f([1, 2])) == [1, 2]", Verdict.PASSED),
        ("assert abs(f([1.5])[0] - 1.5) < 1e-9", Verdict.PASSED),
        ("assert (abs(f([1.5]) - 1.5) < 1e-9).all()", Verdict.PASSED),
        ("assert (f([1, 1]) == 1).all()", Verdict.PASSED),
        ("assert (f([1, 2]) == 1).all()", Verdict.WRONG_ANSWER),
        ("assert np.all(f([[1, 2], [1, 2]]) == [1, 2])", Verdict.PASSED),
        ("assert np.all(f([[1, 2], [3, 4]]) == [[1], [3]])", Verdict.WRONG_ANSWER),
        ("assert np.allclose(f([[1, 2], [1, 2]]), [1, 2])", Verdict.PASSED),
        ("assert np.allclose(f([[1], [2]]), [[1, 1], [2, 2]])", Verdict.PASSED),
        ("assert np.array_equal(f([1, 1]), 1)", Verdict.WRONG_ANSWER),
        ("assert np.allclose(f([0.0, 1.0]), [np.inf, 1.0])", Verdict.WRONG_ANSWER),
        ("assert np.allclose(f([np.inf, 1.0]), [np.inf, 1.0])", Verdict.PASSED),
        ("assert np.allclose(f([np.inf]), [-np.inf])", Verdict.WRONG_ANSWER),
        ("assert f(5) == 5", Verdict.PASSED),
        ("assert f(5) == f(5)", Verdict.PASSED),
        ("assert abs(np.float32(f([0.1])[0]) - 0.1) < 1e-9", Verdict.PASSED),
        ("assert abs(f([3]).astype('u1')[0] - 5) < 3", Verdict.WRONG_ANSWER),
        ("assert f([3]).astype('i1')[0] - 5 == -2", Verdict.PASSED),
    ],
)
async def test_numpy_means_what_it_means_in_python(judge: Judge, code: str, verdict: Verdict):
    source = "import numpy as np\ndef f(items):\n    return np.array(items)\n"

    result = await judge.judge(Submission(source=source, tests=[{"kind": "assert", "code": code}]))

    assert result.verdict is verdict, result.error


def test_answer_bound_beside_an_argument_is_kept_out():
    plan = split_asserts("want, n = 104729, 10\nassert solve(n) == want", "def solve(n): ...")

    assert not plan.is_inside
    assert all("104729" not in repr(step) for step in plan.steps)


def test_names_are_sent_in_where_text_may_read_them():
    plan = split_asserts("n = 5\nassert f(5) == n\nassert eval('f(n)') == 5")

    assert "n = 5" in repr(plan.steps)
    assert SECRET not in repr(
        split_asserts(f"expected = {SECRET}\nassert f(5) == expected\nassert eval('f(1)')").steps
    )


def test_names_that_trade_places_are_left_as_they_stand():
    plan = split_asserts("a, b = 1, 2\na, b = b, a\nassert f(a) == 2", "def f(x): ...")

    assert any("b, a" in repr(step) for step in plan.steps)


shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


@given(shapes, shapes)
def test_arrays_stretch_as_numpys_do(left: tuple[int, ...], right: tuple[int, ...]):
    arrays = [numpy.arange(math.prod(shape)).reshape(shape) for shape in (left, right)]
    ours = broadcast(*(NumpyArray("<i8", each.shape, each.reshape(-1).tolist()) for each in arrays))
    try:
        theirs = numpy.broadcast_arrays(*arrays)
    except ValueError:
        assert ours[0].shape != ours[1].shape
        return

    for own, their in zip(ours, theirs, strict=True):
        assert (own.shape, list(own.items)) == (their.shape, their.reshape(-1).tolist())
