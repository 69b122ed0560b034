import math
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.report.markup import DASH, clipped, duration, number, percent, safe


@given(st.text())
def test_safe_text_is_text_for_any_parser(text: str):
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(f'<p title="{safe(text)}">{safe(text)}</p>')
    parser.close()

    assert tags == ["p"]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_is_shown_unchanged(text: str):
    assert unescape(safe(text)) == "".join(
        c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" if c in "\u2028\u2029" else c for c in text
    )


def test_numbers_have_three_significant_digits():
    assert number(0.12345) == "0.123"
    assert number(-1234.5) == "\N{MINUS SIGN}1,234"
    assert number(2.0) == "2"
    assert number(0.00001234) == "1.23e\N{MINUS SIGN}05"
    assert number(math.nan) == DASH
    assert number(0) == "0"


def test_shares_and_durations_carry_their_units():
    assert percent(0.125) == "12.5%"
    assert percent(math.nan) == DASH
    assert duration(45.25) == "45.2 s"
    assert duration(750) == "12 min 30 s"
    assert duration(11_100) == "3 h 5 min"


def test_clipped_text_is_never_longer_than_asked_for():
    assert clipped("abcdef", 4) == "abc…"
    assert clipped("abcd", 4) == "abcd"
