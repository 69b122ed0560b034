import ast
import math

from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.problems.calls import is_json, python_literal

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.integers() | st.text(), inner)
    ),
    max_leaves=20,
)


@given(plain)
def test_literal_of_plain_data_evaluates_to_it(value: object):
    assert ast.literal_eval(python_literal(value)) == value


def test_long_integer_is_written_without_decimal_digits():
    number = 10**5000

    assert python_literal([number, -number]) == f"[{hex(number)}, {hex(-number)}]"


def test_not_finite_floats_are_written_as_calls():
    assert python_literal((math.inf,)) == '(float("inf"),)'
    assert python_literal(-math.inf) == 'float("-inf")'


def test_json_carries_only_what_it_gives_back():
    assert is_json({"a": [1, 2.5, None, True, "x", (1,)]})
    assert not is_json(math.nan)
    assert not is_json([10**4300])
    assert is_json(10**4300 - 1)
    assert not is_json({1: 2})
    assert not is_json({1, 2})
