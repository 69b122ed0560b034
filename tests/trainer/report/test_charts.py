import json
import math
from html.parser import HTMLParser

from rltf_trainer.report.charts import Curve, area_chart, line_chart, share_bar


class Drawing(HTMLParser):
    """The elements of a drawing."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str, kind: str) -> list[dict[str, str | None]]:
        return [a for name, a in self.elements if name == tag and a.get("class") == kind]

    @property
    def points(self) -> dict[str, object]:
        return json.loads(self.elements[0][1]["data-chart"] or "")


def curve(values: list[float], name: str = "reward") -> Curve:
    return Curve(name=name, colour="c-blue", values=values)


def test_few_points_are_marked_and_carry_their_values():
    drawing = Drawing(line_chart([1, 2, 3], [curve([0.25, 0.5, 1.0])], label="Reward"))

    assert len(drawing.all("circle", "dot")) == 3
    assert drawing.points["heads"] == ["step 1", "step 2", "step 3"]
    assert drawing.points["rows"][0]["text"] == ["0.25", "0.5", "1"]


def test_higher_value_is_drawn_higher_and_later_step_further_right():
    points = Drawing(line_chart([1, 2, 3], [curve([0.0, 1.0, 0.5])], label="Reward")).points

    (low, high, middle) = points["rows"][0]["y"]
    assert high < middle < low
    assert points["x"] == sorted(points["x"])


def test_missing_value_is_a_gap_not_a_zero():
    drawing = Drawing(line_chart([1, 2, 3, 4], [curve([1.0, math.nan, 2.0, 3.0])], label="Loss"))

    (line,) = drawing.all("path", "line")
    assert line["d"].count("M") == 2
    assert drawing.points["rows"][0]["y"][1] is None


def test_three_thousand_steps_become_a_band_of_at_most_200_points():
    values = [math.sin(i) for i in range(3000)]
    drawing = Drawing(line_chart(list(range(1, 3001)), [curve(values)], label="Loss"))

    assert len(drawing.points["x"]) <= 200
    assert drawing.all("path", "band")
    assert not drawing.all("circle", "dot")
    assert drawing.points["heads"][0] == "steps 1 to 15, mean"


def test_single_step_is_drawn():
    drawing = Drawing(line_chart([7], [curve([0.5])], label="Reward"))

    assert len(drawing.all("circle", "dot")) == 1
    assert Drawing(area_chart([7], [curve([0.5])], label="Shares")).all("path", "area")


def test_nothing_to_draw_says_so():
    assert "no numbers recorded" in line_chart([1, 2], [curve([math.nan] * 2)], label="Loss")
    assert "no numbers recorded" in area_chart([], [], label="Shares")


def test_layers_are_stacked_on_each_other():
    drawing = Drawing(
        area_chart([1, 2], [curve([0.25, 0.5], "a"), curve([0.75, 0.5], "b")], label="S", top=1.0)
    )
    upper, lower = drawing.points["rows"]  # the tooltip lists them as they lie, top first

    assert (upper["name"], lower["name"]) == ("b", "a")
    assert upper["y"][0] == upper["y"][1] == drawing.points["top"]
    assert lower["y"][1] < lower["y"][0] < drawing.points["bottom"]


def test_name_of_a_curve_cannot_leave_its_attribute():
    hostile = "\"><script>alert(1)</script>'"
    drawing = Drawing(line_chart([1, 2], [curve([1.0, 2.0], hostile)], label=hostile))

    assert {tag for tag, _ in drawing.elements} == {"svg", "g", "path", "text", "circle"}
    assert drawing.points["rows"][0]["name"] == hostile


def test_share_bar_is_as_wide_as_its_parts_together():
    drawing = Drawing(
        share_bar([("passed", "v-passed", 30), ("failed", "v-timeout", 10)], label="Verdicts")
    )
    passed, failed = (a for tag, a in drawing.elements if tag == "rect")

    assert (passed["x"], failed["x"]) == ("0.0", "750.0")
    assert (passed["width"], failed["width"]) == ("748.0", "248.0")
