import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from rltf_executor.app import create_app
from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.judge import ResultCache
from rltf_executor.settings import Settings

ROUTES = {
    "/execute": ("post", {"200", "401", "408", "413", "422", "429", "503"}),
    "/execute/batch": ("post", {"200", "401", "408", "413", "422", "429", "503"}),
    "/healthz": ("get", {"200"}),
    "/readyz": ("get", {"200", "503"}),
    "/metrics": ("get", {"200", "401", "503"}),
    "/runtimes": ("get", {"200", "401", "503"}),
}


async def test_the_pool_is_opened_at_the_start_and_closed_at_the_stop(
    make_app: Callable[..., FastAPI], pool: Any
):
    app = make_app()
    async with app.router.lifespan_context(app):
        assert pool.num_closed == 0
    assert pool.num_closed == 1


async def test_the_pool_is_closed_when_the_service_dies(
    make_app: Callable[..., FastAPI], pool: Any
):
    app = make_app()
    with pytest.raises(asyncio.CancelledError):
        async with app.router.lifespan_context(app):
            raise asyncio.CancelledError
    assert pool.num_closed == 1


async def test_without_sandboxes_there_is_no_start():
    async def open_pool(_settings: Settings) -> Any:
        raise SandboxUnavailableError("no engine answers")

    app = create_app(Settings(), open_pool=open_pool)
    with pytest.raises(SandboxUnavailableError, match="no engine answers"):
        async with app.router.lifespan_context(app):
            pass


@pytest.mark.parametrize(("enabled", "expected"), [(True, ResultCache), (False, type(None))])
async def test_results_are_remembered_only_on_request(enabled: bool, expected: type, pool: Any):
    given: list[Any] = []

    async def open_pool(_settings: Settings) -> Any:
        return pool

    def make_judge(_pool: Any, cache: Any) -> Any:
        given.append(cache)

    app = create_app(
        Settings(cache={"enabled": enabled, "max_entries": 3}),
        open_pool=open_pool,
        make_judge=make_judge,
    )
    async with app.router.lifespan_context(app):
        hits = b"rltf_cache_hits_total 0.0" in app.state.service.metrics.render()

    assert [type(cache) for cache in given] == [expected]
    assert hits == enabled


def test_every_route_is_documented_with_every_status_it_answers(make_app: Callable[..., FastAPI]):
    document = make_app().openapi()

    assert set(document["paths"]) == set(ROUTES)
    for path, (method, statuses) in ROUTES.items():
        assert set(document["paths"][path]) == {method}
        assert set(document["paths"][path][method]["responses"]) == statuses


def test_the_documentation_has_no_loose_ends(make_app: Callable[..., FastAPI]):
    document = make_app(token="t").openapi()
    references: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                references.add(node["$ref"])
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(document)
    assert references <= {
        f"#/components/schemas/{name}" for name in document["components"]["schemas"]
    }
    assert "#/components/schemas/Submission" in references
    assert document["security"] == [{"token": []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []
