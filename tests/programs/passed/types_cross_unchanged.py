# [[tests]]
# kind = "assert"
# code = "assert same((1, [2.5, {'a': None}])) == (1, [2.5, {'a': None}])"
# [[tests]]
# kind = "assert"
# code = "assert same({1, 2}) == {2, 1}"
# [[tests]]
# kind = "assert"
# code = "assert same(frozenset({1})) == {1}"
# [[tests]]
# kind = "assert"
# code = "assert same(b'ab') == b'ab'"
# [[tests]]
# kind = "assert"
# code = "assert same(Counter('aab')) == Counter({'a': 2, 'b': 1})"
# [[tests]]
# kind = "assert"
# code = "assert same(deque([1])) == deque([1])"
# [[tests]]
# kind = "assert"
# code = "assert same(Decimal('1.50')) == Decimal('1.5')"
# [[tests]]
# kind = "assert"
# code = "assert same(Fraction(1, 3)) == Fraction(2, 6)"
# [[tests]]
# kind = "assert"
# code = "assert same(date(2020, 2, 29)) == date(2020, 2, 29)"
# [[tests]]
# kind = "assert"
# code = "assert same(timedelta(days=1)) == timedelta(hours=24)"
# [[tests]]
# kind = "assert"
# code = "assert same(Point(1, 2)) == (1, 2)"
# [[tests]]
# kind = "assert"
# code = "assert same(float('inf')) == float('inf')"
# [[tests]]
# kind = "assert"
# code = "assert same(float('nan')) != float('nan')"
# [[tests]]
# kind = "assert"
# code = "assert same(1 + 2j) == 1 + 2j"
# [[tests]]
# kind = "assert"
# code = "assert same(range(3)) == range(0, 3)"
# [[tests]]
# kind = "assert"
# code = "assert same({1: 2}).keys() == {1}"
# [[tests]]
# kind = "assert"
# code = "assert same(True) is True"
# [[tests]]
# kind = "assert"
# code = "assert same(1.0) == 1"
# [[tests]]
# kind = "assert"
# code = "assert same('\\ud800') == '\\ud800'"

from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

Point = namedtuple('Point', 'x y')


def same(value):
    return value
