"""Spans are checked on real tokenizers, and byte for byte against what each token stands for."""

import codecs
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from rltf_trainer.spans import Span, decode_completion, token_spans

CORPUS = [
    "def add(first, second):\n    return first + second\n",
    "for index in range(10):\n    print(index)\n",
    "# größer als zwei — 数字 🙂\nif value > 2:\r\n\treturn 'naïve'\n",
]
BROKEN = "\N{REPLACEMENT CHARACTER}"


class Decoder:
    """A Hugging Face tokenizer as far as ``decode`` goes, without the import of transformers."""

    def __init__(self, backend: Tokenizer) -> None:
        self.backend = backend
        self.num_decoded = 0

    def decode(
        self, token_ids: list[int], skip_special_tokens: bool = False, **kwargs: object
    ) -> str:
        assert kwargs == {"clean_up_tokenization_spaces": False}
        self.num_decoded += len(token_ids)
        return self.backend.decode(token_ids, skip_special_tokens=skip_special_tokens)


def train_byte_level() -> Decoder:
    """BPE over bytes, as in GPT-2, Llama 3 and Qwen."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(CORPUS, trainer)
    return Decoder(backend)


def build_sentencepiece() -> Decoder:
    """Pieces that carry their leading space, with bytes for what has no piece, as in Llama 2."""
    pieces = ["<unk>", "<eos>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += ["▁", "▁def", "▁▁", "▁▁▁▁return", "add", "(", ")", ":", "\n", "▁x", "x", "é"]
    backend = Tokenizer(
        models.BPE({piece: i for i, piece in enumerate(pieces)}, [], byte_fallback=True)
    )
    backend.add_special_tokens(["<eos>"])
    backend.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return Decoder(backend)


def build_word_level() -> Decoder:
    """Whole words; without a decoder the text is the words joined by spaces."""
    words = ["<eos>", "def", "f", "(", "x", ")", ":", "\n", "return", "größe", "+", "1"]
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "<eos>"))
    backend.add_special_tokens(["<eos>"])
    return Decoder(backend)


def build_word_pieces() -> Decoder:
    """Words in pieces: what a piece looks like depends on what stands before it."""
    words = ["<eos>", "def", "##ine", "x", "##s", "(", "=", "return"]
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "<eos>"))
    backend.add_special_tokens(["<eos>"])
    backend.decoder = decoders.WordPiece(cleanup=False)
    return Decoder(backend)


BYTE_LEVEL = train_byte_level()
SENTENCEPIECE = build_sentencepiece()
WORD_LEVEL = build_word_level()
WORD_PIECES = build_word_pieces()
TOKENIZERS = {
    "byte-level": BYTE_LEVEL,
    "sentencepiece": SENTENCEPIECE,
    "word-level": WORD_LEVEL,
    "word-pieces": WORD_PIECES,
}


def byte_ids(data: bytes) -> list[int]:
    """One byte-level token a byte."""
    alphabet = byte_alphabet()
    return [BYTE_LEVEL.backend.token_to_id(alphabet[byte]) for byte in data]


def byte_alphabet() -> dict[int, str]:
    """The character that stands for each byte in byte-level tokens (GPT-2's table)."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)]
    shown += range(ord("®"), ord("ÿ") + 1)
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {
        byte: chr(256 + i) for i, byte in enumerate(hidden)
    }


def spans_by_bytes(token_ids: list[int]) -> list[Span]:
    """The characters each byte-level token has a byte in, counted byte by byte."""
    byte_of = {character: byte for byte, character in byte_alphabet().items()}
    tokens = [
        b""
        if token_id == BYTE_LEVEL.backend.token_to_id("<eos>")
        else bytes(byte_of[c] for c in BYTE_LEVEL.backend.id_to_token(token_id))
        for token_id in token_ids
    ]
    broken: list[Span] = []

    def replace(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        broken.append((error.start, error.end))
        return BROKEN, error.end

    codecs.register_error("count_broken", replace)
    data = b"".join(tokens)
    text = data.decode("utf-8", "count_broken")
    starts_of_broken = dict(broken)
    character_of: list[int] = []
    for index, character in enumerate(text):
        start = len(character_of)
        end = starts_of_broken.get(start, start + len(character.encode()))
        character_of += [index] * (end - start)
    spans: list[Span] = []
    position = end_of_text = 0
    for token in tokens:
        covered = character_of[position : position + len(token)]
        if covered:
            end_of_text = covered[-1] + 1
        spans.append((covered[0], end_of_text) if covered else (end_of_text, end_of_text))
        position += len(token)
    return spans


def ids_of(tokenizer: Decoder) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, tokenizer.backend.get_vocab_size() - 1), max_size=40)


def assert_cover(spans: list[Span], text: str) -> None:
    """Spans are in order, leave no character out, and end where the text ends."""
    reached = 0
    for (start, end), (next_start, next_end) in pairwise([(0, 0), *spans]):
        assert start <= end
        assert start <= next_start <= reached
        assert end <= next_end
        reached = max(reached, next_end)
    assert reached == len(text)


def test_spans_of_byte_level_tokens_are_their_texts():
    ids = BYTE_LEVEL.backend.encode(CORPUS[0]).ids

    spans = token_spans(BYTE_LEVEL, ids, CORPUS[0])

    assert [CORPUS[0][start:end] for start, end in spans] == [
        BYTE_LEVEL.backend.decode([token_id]) for token_id in ids
    ]


def test_tokens_that_share_a_character_all_have_it():
    ids = byte_ids("a€b".encode())  # the sign is three bytes

    assert token_spans(BYTE_LEVEL, ids, "a€b") == [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)]


def test_a_character_cut_off_by_the_end_is_a_replacement_character():
    ids = byte_ids("a🙂".encode()[:3])

    assert token_spans(BYTE_LEVEL, ids, "a" + BROKEN) == [(0, 1), (1, 2), (1, 2)]


def test_a_special_token_has_an_empty_span_where_it_stands():
    eos = BYTE_LEVEL.backend.token_to_id("<eos>")
    ids = [*byte_ids(b"a"), eos, *byte_ids(b"b"), eos]

    assert token_spans(BYTE_LEVEL, ids, "ab") == [(0, 1), (1, 1), (1, 2), (2, 2)]


def test_special_tokens_written_out_in_the_text_have_their_characters():
    eos = BYTE_LEVEL.backend.token_to_id("<eos>")
    ids = [*byte_ids(b"a"), eos]

    assert token_spans(BYTE_LEVEL, ids, "a<eos>") == [(0, 1), (1, 6)]


def test_text_may_stop_before_the_tokens_do():
    ids = byte_ids(b"abcd")

    assert token_spans(BYTE_LEVEL, ids, "ab") == [(0, 1), (1, 2), (2, 2), (2, 2)]


def test_text_that_is_not_the_tokens_own_is_refused():
    with pytest.raises(ValueError, match="not what the tokens decode to"):
        token_spans(BYTE_LEVEL, byte_ids(b"ab"), "xy")


def test_no_tokens_have_no_spans():
    assert token_spans(BYTE_LEVEL, [], "") == []


def test_tokens_keep_their_spans_where_the_text_would_tokenise_otherwise():
    ids = byte_ids(b"def")
    assert BYTE_LEVEL.backend.encode("def").ids != ids

    assert token_spans(BYTE_LEVEL, ids, "def") == [(0, 1), (1, 2), (2, 3)]


def test_a_sentencepiece_token_owns_the_space_before_it():
    pieces = ["▁def", "▁x", "(", ")", ":", "\n", "▁▁▁▁return", "▁x"]
    ids = [SENTENCEPIECE.backend.token_to_id(piece) for piece in pieces]
    text = "def x():\n    return x"  # the very first space is dropped by the decoder

    spans = token_spans(SENTENCEPIECE, ids, text)

    assert [text[start:end] for start, end in spans] == [
        *("def", " x", "(", ")", ":", "\n", "    return", " x")
    ]


def test_byte_fallback_tokens_share_their_character():
    data = "x🙂🙂é".encode()
    ids = [SENTENCEPIECE.backend.token_to_id(f"<0x{byte:02X}>") for byte in data]

    spans = token_spans(SENTENCEPIECE, ids, "x🙂🙂é")

    assert spans == [(0, 1)] + [(1, 2)] * 4 + [(2, 3)] * 4 + [(3, 4)] * 2


def test_word_level_tokens_own_the_space_before_them():
    words = ["def", "f", "(", "x", ")", ":", "\n", "return", "größe"]
    ids = [WORD_LEVEL.backend.token_to_id(word) for word in words]
    text = "def f ( x ) : \n return größe"

    spans = token_spans(WORD_LEVEL, ids, text)

    assert [text[start:end] for start, end in spans] == [
        "def", *(f" {word}" for word in words[1:])
    ]  # fmt: skip


@pytest.mark.parametrize("name", TOKENIZERS)
def test_spans_cover_whatever_is_sampled(name: str):
    tokenizer = TOKENIZERS[name]

    @given(ids_of(tokenizer))
    def holds(ids: list[int]) -> None:
        text = decode_completion(tokenizer, ids)
        spans = token_spans(tokenizer, ids, text)
        assert len(spans) == len(ids)
        assert_cover(spans, text)

    holds()


@given(ids_of(BYTE_LEVEL))
def test_byte_level_spans_are_those_of_the_bytes(ids: list[int]):
    eos = BYTE_LEVEL.backend.token_to_id("<eos>")
    ids = [*(token_id for token_id in ids if token_id != eos), eos]
    text = decode_completion(BYTE_LEVEL, ids)

    assert token_spans(BYTE_LEVEL, ids, text) == spans_by_bytes(ids)


@given(st.text(max_size=30), st.data())
def test_byte_level_spans_are_those_of_the_bytes_however_a_text_is_cut(
    text: str, data: st.DataObject
):
    encoded = text.encode()[: data.draw(st.integers(0, 120))]
    ids = byte_ids(encoded)

    spans = token_spans(BYTE_LEVEL, ids, encoded.decode("utf-8", "replace"))

    assert spans == spans_by_bytes(ids)


@pytest.mark.parametrize(
    "make_ids",
    [
        lambda num: BYTE_LEVEL.backend.encode(CORPUS[2] * num).ids,
        lambda num: byte_ids("🙂".encode() * num),
    ],
    ids=["ordinary text", "split characters only"],
)
def test_work_grows_with_the_number_of_tokens(make_ids: Callable[[int], list[int]]):
    worked: list[float] = []
    for repeats in (10, 200):
        ids = make_ids(repeats)
        BYTE_LEVEL.num_decoded = 0
        token_spans(BYTE_LEVEL, ids, decode_completion(BYTE_LEVEL, ids))
        worked.append(BYTE_LEVEL.num_decoded / len(ids))

    assert worked[1] < 1.5 * worked[0]  # tokens decoded for each token of the completion


def test_a_fast_hugging_face_tokenizer_is_measured_the_same_way():
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=BYTE_LEVEL.backend,
        eos_token="<eos>",
    )
    ids = [*BYTE_LEVEL.backend.encode(CORPUS[2]).ids, tokenizer.eos_token_id]

    text = decode_completion(tokenizer, ids)

    assert text == CORPUS[2]
    assert token_spans(tokenizer, ids, text) == spans_by_bytes(ids)
