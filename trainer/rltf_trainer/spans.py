"""Tokens to characters: which part of a completion's text each sampled token stands for.

The token ids the policy sampled are the truth: text is decoded from them, and never tokenised
again, since another tokenisation of the same text may be a different one.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final, Protocol

Span = tuple[int, int]
"""First character, and one past the last."""

_UNDECODABLE: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_UNSETTLED: Final = 32
"""Tokens in a row whose characters are not settled. A character of UTF-8 needs 4; where more are
left, decoding depends on more context than a window holds."""


class TokenDecoder(Protocol):
    """The part of a Hugging Face tokenizer that is used here."""

    def decode(
        self, token_ids: list[int], skip_special_tokens: bool = ..., **kwargs: Any
    ) -> str | list[str]:
        """Give the text of the tokens."""
        ...


def decode_completion(
    tokenizer: TokenDecoder, token_ids: Sequence[int], *, skip_special_tokens: bool = True
) -> str:
    """Decode sampled tokens into the text ``token_spans`` measures in; spaces stay."""
    text = tokenizer.decode(
        list(token_ids),
        skip_special_tokens=skip_special_tokens,
        clean_up_tokenization_spaces=False,
    )
    if not isinstance(text, str):
        raise TypeError(f"decode: {type(text).__name__} is not a string")
    return text


def token_spans(tokenizer: TokenDecoder, token_ids: Sequence[int], text: str) -> list[Span]:
    """Find the characters of ``text`` that each token stands for.

    Spans follow each other in order and cover the text together. Tokens that share a character (a
    multi-byte one split over tokens) all have it in their spans. A token without text of its own,
    such as end-of-sequence, has an empty span.

    Works by decoding growing windows of tokens; their cost is near linear in the number of tokens.

    Args:
        tokenizer: Any tokenizer with a ``decode``: byte-level, SentencePiece, word-level …
        token_ids: The tokens as they were sampled.
        text: What they decode to (``decode_completion``), with special tokens or without, or the
            beginning of that.

    Returns:
        One span a token, within ``text``.

    Raises:
        ValueError: The tokens do not decode to ``text``.
    """
    ids = list(token_ids)
    decode, whole = _matching_decoder(tokenizer, ids, text)
    piece_of = {token_id: decode([token_id]) for token_id in set(ids)}
    pieces = [piece_of[token_id] for token_id in ids]
    if "".join(pieces) == whole:
        spans = list(pairwise(accumulate(map(len, pieces), initial=0)))
    else:
        spans = _walk(decode, ids, pieces, whole, is_windowed=True) or _walk(
            decode, ids, pieces, whole, is_windowed=False
        )
    return [(min(start, len(text)), min(end, len(text))) for start, end in spans]


def _matching_decoder(
    tokenizer: TokenDecoder, ids: list[int], text: str
) -> tuple[Callable[[list[int]], str], str]:
    """Find out whether ``text`` was decoded with its special tokens or without them."""

    def without_special(some: list[int]) -> str:
        return decode_completion(tokenizer, some)

    def with_special(some: list[int]) -> str:
        return decode_completion(tokenizer, some, skip_special_tokens=False)

    candidates = [(decode, decode(ids)) for decode in (without_special, with_special)]
    for decode, whole in candidates:
        if whole == text:
            return decode, whole
    for decode, whole in candidates:
        if whole.startswith(text):
            return decode, whole
    raise ValueError("text: not what the tokens decode to")


def _walk(
    decode: Callable[[list[int]], str],
    ids: list[int],
    pieces: list[str],
    text: str,
    *,
    is_windowed: bool,
) -> list[Span]:
    """Settle tokens from left to right, in runs whose text is what stands next in ``text``.

    The text of a run is what decoding adds when the run is put after some settled tokens: decoders
    treat the first token of a text in their own way (leading spaces), so no run is decoded alone.
    Until a split character is complete, its decoding shows replacement characters, which do not
    match.

    Args:
        decode: Gives the text of some tokens.
        ids: All tokens.
        pieces: The text of each of them alone.
        text: The text of all of them together.
        is_windowed: Put runs after the last settled run only. Otherwise after all settled tokens:
            always right, and quadratic.

    Returns:
        One span a token; none at all if windows do not suffice.
    """
    spans: list[Span] = []
    context = settled = 0  # tokens context..settled stand before the run, and decode to ``before``
    before = ""
    position = 0  # where the settled tokens end in ``text``
    grown: list[str | None] = []  # text that 1, 2, … tokens of the run add; None: they change more
    for end in range(1, len(ids) + 1):
        after = decode(ids[context:end])
        added = after[len(before) :] if after.startswith(before) else None
        grown.append(added)
        if added is None or not text.startswith(added, position):
            if is_windowed and len(grown) > _MOST_UNSETTLED:
                return []
            continue
        spans += _run_spans(grown, pieces[settled], text, position, len(added))
        position += len(added)
        if is_windowed and added:  # without text they are no context: what follows is still first
            context = settled
            after = decode(ids[context:end])
        before, settled, grown = after, end, []
    return spans if settled == len(ids) and position == len(text) else []


def _run_spans(
    grown: list[str | None], first_piece: str, text: str, position: int, num_added: int
) -> list[Span]:
    """Divide ``num_added`` characters of ``text``, the text of a settled run, among its tokens.

    Inside a run, a token begins with the first character that the tokens before it leave
    incomplete, and ends with the last one it touches.
    """
    end_of_run = position + num_added
    spans: list[Span] = []
    start = position
    if _continues_broken_character(first_piece, grown[0], text[position - 1 : position]):
        start -= 1
    for added in grown:
        end = end_of_run if added is None else min(position + len(added), end_of_run)
        end = max(end, spans[-1][1] if spans else start)
        spans.append((start, end))
        if added is not None:
            start = max(start, position + _common_prefix(added, text[position:end_of_run]))
    spans[-1] = (spans[-1][0], end_of_run)
    return spans


def _continues_broken_character(piece: str, added: str | None, previous: str) -> bool:
    """Tell whether a token goes on with a character that never became whole.

    Such a character stays one replacement character. Alone, the token shows one for its own part of
    it; put after the other part, it shows none.
    """
    return (
        previous == _UNDECODABLE
        and piece.startswith(_UNDECODABLE)
        and added is not None
        and len(added) < len(piece)
    )


def _common_prefix(left: str, right: str) -> int:
    for length, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return length
    return min(len(left), len(right))
