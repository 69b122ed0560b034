"""The Grafana dashboard asks only for what the service tells, and for all of it."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rltf_executor.schema import Submission, Verdict

# What Prometheus itself adds to every series it scrapes.
SCRAPED_LABELS = {"instance", "job"}
NO_METRICS = {"by", "without", "on", "ignoring", "or", "and", "unless", "bool", "offset"}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SELECTOR = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)\s*\{(?P<matchers>[^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\((?P<labels>[^)]*)\)")
_NAME = re.compile(r"(?<![\w$])[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()")


@pytest.fixture(scope="module")
def dashboard(repository: Path) -> dict[str, Any]:
    path = repository / "docker" / "deploy" / "grafana" / "rltf-executor.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
async def exposed(pool: Any, judge: Any, make_app: Callable[..., Any]) -> dict[str, set[str]]:
    """Every series that ``/metrics`` tells once all has happened, with its labels."""
    pool.set(recycles={"worn": 1})
    app = make_app(cache={"enabled": True})
    async with app.router.lifespan_context(app):
        metrics = app.state.service.metrics
        metrics.note_turn(0.1)
        metrics.note_lease(0.1)
        metrics.note_result(
            judge.result(Submission(source=""), Verdict.PASSED, flags=["early_exit"])
        )
        metrics.note_refused("queue-full")
        metrics.note_abandoned()
        metrics.note_answer(429)
        text = metrics.render().decode()
    labels: dict[str, set[str]] = defaultdict(set)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                labels[sample.name] |= set(sample.labels)
    return dict(labels)


def panels_of(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Every panel that shows something, those inside folded rows too."""
    rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
    inside = [panel for row in rows for panel in row["panels"]]
    return [panel for panel in dashboard["panels"] + inside if panel["type"] != "row"]


def expressions_of(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in panels_of(dashboard) for target in panel["targets"]]


def metrics_in(expression: str) -> set[str]:
    """Names of series in a PromQL expression: neither functions nor keywords nor labels."""
    text = _STRING.sub("", expression)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    text = _GROUPING.sub(" ", text)
    return set(_NAME.findall(text)) - NO_METRICS


def labels_in(expression: str) -> Iterator[tuple[str, str]]:
    """Gives (metric, label) for each matcher, and for each label that a metric is grouped by."""
    text = _STRING.sub("", expression)
    for selector in _SELECTOR.finditer(text):
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector["matchers"]):
            yield selector["metric"], label
    for grouping in _GROUPING.finditer(text):
        for label in re.findall(r"\w+", grouping["labels"]):
            for metric in metrics_in(expression):
                yield metric, label


def test_the_reading_of_expressions_tells_metrics_from_all_else():
    expression = 'sum by (le, x) (rate(a_bucket{b=~"c_d(", e!="f"}[$__rate_interval])) / on (g) h'

    assert metrics_in(expression) == {"a_bucket", "h"}
    assert set(labels_in('sum by (le) (a_bucket{b="c", d=~"e"})')) == {
        ("a_bucket", "b"),
        ("a_bucket", "d"),
        ("a_bucket", "le"),
    }


async def test_every_metric_in_a_panel_is_told_by_the_service(
    dashboard: dict[str, Any], exposed: dict[str, set[str]]
):
    for expression in expressions_of(dashboard):
        used = metrics_in(expression)
        assert used, expression
        assert used <= exposed.keys(), expression
        for metric, label in labels_in(expression):
            assert label in exposed[metric] | SCRAPED_LABELS, expression


async def test_every_metric_of_the_service_is_in_a_panel(
    dashboard: dict[str, Any], exposed: dict[str, set[str]]
):
    used = {metric for expression in expressions_of(dashboard) for metric in metrics_in(expression)}

    assert exposed.keys() - used == set()


async def test_the_variables_ask_for_what_is_there(
    dashboard: dict[str, Any], exposed: dict[str, set[str]]
):
    datasource, instance = dashboard["templating"]["list"]

    assert (datasource["type"], datasource["query"]) == ("datasource", "prometheus")
    metric, label = re.findall(r"\w+", instance["query"]["query"])[1:]
    assert metric in exposed
    assert label in SCRAPED_LABELS


def test_every_panel_has_a_title_a_unit_and_a_description(dashboard: dict[str, Any]):
    for panel in panels_of(dashboard):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]


def test_every_panel_asks_the_chosen_data_source_and_executors(dashboard: dict[str, Any]):
    for panel in panels_of(dashboard):
        asked = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in asked} == {"${datasource}"}, panel["title"]
    for expression in expressions_of(dashboard):
        selectors = [selector["matchers"] for selector in _SELECTOR.finditer(expression)]
        assert len(selectors) >= len(metrics_in(expression))
        assert all('instance=~"$instance"' in selector for selector in selectors), expression


def test_panels_have_ids_of_their_own_and_do_not_overlap(dashboard: dict[str, Any]):
    cells = [
        (x, y)
        for grid in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    ids = [panel["id"] for panel in dashboard["panels"]]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len(ids) == len(set(ids))
    assert dashboard["schemaVersion"] >= 38  # Grafana 10
