import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from rltf_executor.problems import ProblemError
from rltf_executor.routes.body import BodyReader
from rltf_executor.settings import ServerSettings

MIB = 1024 * 1024


class Sender:
    """A client that sends these chunks; then it stalls, leaves, or is done."""

    def __init__(self, chunks: Iterable[bytes], *, then: str = "done") -> None:
        self._chunks = list(chunks)
        self._then = then
        self.num_taken = 0

    async def receive(self) -> dict[str, Any]:
        if self.num_taken < len(self._chunks):
            chunk = self._chunks[self.num_taken]
            self.num_taken += 1
            more = self.num_taken < len(self._chunks) or self._then != "done"
            return {"type": "http.request", "body": chunk, "more_body": more}
        if self._then == "stall":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "headers": list(headers)}


def announced(num_bytes: int) -> dict[str, Any]:
    return scope((b"content-length", str(num_bytes).encode()))


def reader(**options: Any) -> BodyReader:
    return BodyReader(ServerSettings(**{"max_body_mb": 1, "body_timeout_s": 5, **options}))


async def refusal(
    sender: Sender, of_scope: dict[str, Any], bodies: BodyReader | None = None
) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        async with (bodies or reader()).read(of_scope, sender.receive):
            pass
    return caught.value


@pytest.fixture
async def holding() -> AsyncIterator[BodyReader]:
    """A reader with a body of 1 MiB held."""
    bodies = reader(max_buffered_mb=1)
    async with bodies.read(announced(MIB), Sender([b"x" * MIB]).receive):
        yield bodies


async def test_a_body_comes_whole_and_in_order():
    async with reader().read(scope(), Sender([b"a", b"", b"bc", b"d"]).receive) as body:
        assert body == b"abcd"


async def test_a_body_at_the_bound_is_taken():
    async with reader().read(announced(MIB), Sender([b"x" * MIB]).receive) as body:
        assert len(body) == MIB


async def test_a_body_announced_as_too_large_is_refused_and_none_of_it_kept():
    problem = await refusal(Sender([b"x"]), announced(MIB + 1))

    assert problem.kind.status == 413
    assert problem.faults[0].message == "body: 1048577 bytes is more than 1048576"
    assert problem.headers["Connection"] == "close"


async def test_a_body_of_unannounced_size_is_counted_while_it_is_read():
    sender = Sender([b"x" * 65536] * 100, then="stall")

    problem = await refusal(sender, scope())

    assert problem.kind.status == 413
    assert sender.num_taken <= 17 + 17  # 1 MiB, and as much again so that the client can stop


async def test_a_lie_about_the_size_is_found_out():
    problem = await refusal(Sender([b"x" * (2 * MIB)]), announced(1))

    assert problem.kind.status == 413


async def test_a_client_that_waits_for_a_go_ahead_gets_none_if_it_would_be_refused():
    sender = Sender([b"x"])

    await refusal(sender, {**announced(MIB + 1), "headers": [
        (b"content-length", b"99999999"), (b"expect", b"100-Continue"),
    ]})  # fmt: skip

    assert sender.num_taken == 0


async def test_a_refused_body_that_is_whole_is_not_waited_for():
    async with asyncio.timeout(1):
        problem = await refusal(Sender([b"x" * (2 * MIB)]), announced(2 * MIB))

    assert problem.kind.status == 413


async def test_half_a_body_is_waited_for_only_so_long():
    problem = await refusal(Sender([b"x"], then="stall"), announced(2), reader(body_timeout_s=0.01))

    assert problem.kind.status == 408
    assert "0.01 s" in str(problem)


async def test_a_client_that_leaves_in_the_middle_is_gone():
    with pytest.raises(ClientDisconnect):
        async with reader().read(announced(2), Sender([b"x"], then="leave").receive):
            pass


async def test_bodies_held_together_are_bounded(holding: BodyReader):
    problem = await refusal(Sender([b"x"]), announced(1), holding)
    assert problem.kind.status == 429
    assert int(problem.headers["Retry-After"]) >= 1
    problem = await refusal(Sender([b"x"]), scope(), holding)
    assert problem.kind.status == 429


@pytest.mark.parametrize("then", ["stall", "leave", "done"])
async def test_what_a_body_took_is_given_back_however_it_ends(then: str):
    bodies = reader(max_buffered_mb=1, body_timeout_s=0.01)
    for headers in (announced(MIB), scope(), announced(MIB + 1)):
        for chunk in (b"x", b"x" * (MIB + 1)):
            try:
                async with bodies.read(headers, Sender([chunk], then=then).receive):
                    pass
            except (ProblemError, ClientDisconnect):
                pass

    async with bodies.read(announced(MIB), Sender([b"y" * MIB]).receive) as body:
        assert len(body) == MIB
