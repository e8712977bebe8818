"""Reports as HTML."""

import dataclasses
from html.parser import HTMLParser

import pytest

from diffcompare.render.html import report_html


class Reader(HTMLParser):
    """Tags as they open and close, and the text of the cells."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.cells = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert all(name == "class" for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("case", ["lecture", "edges", "outputs", "swelling", "constant", "arrays"])
def test_it_is_one_closed_element(reports, case):
    text = report_html(reports[case])
    reader = read(text)
    assert text.startswith('<div class="diffcompare">')
    assert reader.tags <= {"div", "style", "pre", "table", "thead", "tbody", "tr", "th", "td", "br"}


def test_cells(reports):
    cells = read(report_html(reports["lecture"])).cells
    assert cells[cells.index("∂y/∂x1") + 1 :][:3] == ["5.5"] * 3


def test_names_are_text(reports):
    evil = "</td><script>alert('1')</script>&lt;"
    report = dataclasses.replace(
        reports["lecture"], source=evil, wrt=(evil, '"x"'), advice=evil, outputs=(evil,)
    )
    reader = read(report_html(report))
    assert "script" not in reader.tags
    assert any(evil in text for text in reader.text)


def test_styles_stay_inside_and_take_the_colours_of_the_page(reports):
    text = report_html(reports["lecture"])
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    rules = [rule.strip() for rule in style.split("}") if rule.strip()]
    for rule in rules:
        selectors, body = rule.split("{")
        assert all(part.strip().startswith(".diffcompare") for part in selectors.split(","))
        assert "#" not in body
    assert "javascript" not in text


def test_a_whole_page(reports):
    page, fragment = reports["lecture"].to_html(page=True), reports["lecture"].to_html()
    assert page.startswith("<!DOCTYPE html>\n") and '<meta charset="utf-8">' in page
    assert page.count(fragment) == 1 and page.endswith("</html>\n")
    assert "<html" not in fragment
    named = dataclasses.replace(reports["lecture"], source="x < {y} & </title>")
    assert "<title>x &lt; {y} &amp; &lt;/title&gt;</title>" in named.to_html(page=True)
