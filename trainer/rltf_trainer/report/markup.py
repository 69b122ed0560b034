"""Turns text nobody vouches for into HTML, and numbers into text.

Completions are written by a model. The page is built from strings, so the rule is: what comes from
a run passes ``safe`` exactly once, and nothing else may put it on the page. The page's content
security policy is the second line of defence.
"""

import html
import math
import unicodedata
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
DASH: Final = "\N{EN DASH}"  # there is no number
_VISIBLE: Final = {"\n", "\t", "\r"}
_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\N{SYMBOL FOR DELETE}"
# Format (bidirectional overrides, zero-width), surrogates, private use: shown by number, for they
# can make a program look like another one.
_SHOWN_BY_NUMBER: Final = {"Cf", "Cs", "Co", "Zl", "Zp"}


def safe(text: str) -> str:
    """Gives ``text`` as HTML that shows it and does nothing else; fit for quoted attributes too."""
    if text.isascii() and text.isprintable():
        return html.escape(text)
    return html.escape("".join(map(_shown, text)))


def _shown(character: str) -> str:
    if character.isprintable() or character in _VISIBLE:
        return character
    code = ord(character)
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return _DELETE_PICTURE
    category = unicodedata.category(character)
    if category in _SHOWN_BY_NUMBER or category == "Cc":
        return (
            f"\N{MATHEMATICAL LEFT ANGLE BRACKET}U+{code:04X}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
        )
    return character


def clipped(text: str, max_characters: int) -> str:
    """Gives ``text`` cut to ``max_characters``, with an ellipsis where something is missing."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + "…"


def number(value: float, *, digits: int = 3) -> str:
    """Gives a number with ``digits`` significant digits; a dash for what is not finite."""
    if not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude >= 7 or magnitude < -4:
        return f"{value:.{digits - 1}e}".replace("-", MINUS)
    decimals = max(0, digits - 1 - magnitude)
    written = f"{value:,.{decimals}f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", MINUS)


def percent(share: float, *, decimals: int = 1) -> str:
    """Gives a share between 0 and 1 as a percentage."""
    return f"{100 * share:.{decimals}f}%".replace("-", MINUS) if math.isfinite(share) else DASH


def duration(seconds: float) -> str:
    """Gives a duration in the two units that matter: ``45.2 s``, ``12 min 30 s``, ``3 h 5 min``."""
    if not math.isfinite(seconds):
        return DASH
    if seconds < 60:
        return f"{number(seconds)} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
