"""The folklore table holds what the chapters say, once, and leads to where they say it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from helpers.claims import Folklore
from helpers.site import folklore

pytestmark = pytest.mark.xdist_group("site")
BOOK = Path(__file__).parents[2] / "book"
STORED = [row for notebook in sorted(BOOK.glob("*.ipynb")) for row in folklore.rows_of(notebook)]


def test_the_chapters_test_folklore() -> None:
    assert {row.chapter for row in STORED} >= {"double_descent", "backprop", "ntk"}


def test_every_verdict_of_the_chapters_is_on_the_page_with_a_link_that_leads_to_it(site: Path) -> None:
    page = (site / "book" / "folklore.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r'<tr id="statement-(\d+)">(.*?)</tr>', page, re.DOTALL))
    for row in STORED:
        text = rows[str(row.number)]
        assert row.verdict in re.findall(r'class="verdict">([^<]+)<', text)
        assert f'href="{row.chapter}.html#folklore-{row.number}"' in text
        chapter = (site / "book" / f"{row.chapter}.html").read_text(encoding="utf-8")
        assert chapter.count(f'id="folklore-{row.number}"') == 1


def test_the_thirty_six_common_statements_are_all_there_and_the_others_are_open(site: Path) -> None:
    page = (site / "book" / "folklore.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r'<tr id="statement-(\d+)">(.*?)</tr>', page, re.DOTALL))
    assert set(map(str, range(1, 37))) <= set(rows)
    for number in set(rows) - {str(row.number) for row in STORED}:
        assert '<span class="verdict">open</span>' in rows[number]
    assert list(map(int, rows)) == sorted(map(int, rows))


def notebook(folder: Path, *rows: Folklore) -> Path:
    outputs = [{"output_type": "display_data", "data": {}, "metadata": row._repr_mimebundle_()[1]} for row in rows]
    cells = [
        {"cell_type": "markdown", "source": ["# Why is it so?\n"], "metadata": {}},
        {"cell_type": "code", "source": [], "metadata": {}, "outputs": outputs},
    ]
    path = folder / "so.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def test_a_chapters_row_carries_its_title_and_its_evidence(tmp_path: Path) -> None:
    (row,) = folklore.rows_of(notebook(tmp_path, Folklore(3, "Birds <fly>.", "half true", "Two of three & more.")))
    assert row == folklore.Row(3, "Birds <fly>.", "half true", "Two of three & more.", "so", "Why is it so?")
    shown = folklore.table({3: [row]})
    assert "Birds &lt;fly&gt;." in shown
    assert "Two of three &amp; more." in shown
    assert "1 statements: 1 half true." in shown


def test_a_statement_tested_in_two_chapters_has_one_row_with_both(tmp_path: Path) -> None:
    one, other = (folklore.Row(3, "Birds fly.", verdict, "Seen.", verdict, "") for verdict in ("true", "false"))
    shown = folklore.table(folklore.together([one, other], []))
    assert shown.count("<tr id=") == 1
    assert shown.index("true.html#folklore-3") < shown.index("false.html#folklore-3")


@pytest.mark.parametrize(
    ("found", "untested", "message"),
    [
        ([folklore.Row(3, "Birds fly.", "true", "Seen.", "so")], ["3 | Birds fly."], "take the line out"),
        ([folklore.Row(3, "A.", "true", "S.", "x"), folklore.Row(3, "B.", "true", "S.", "y")], [], "different ways"),
        ([], ["three | Birds fly."], "number | statement"),
        ([], ["3 Birds fly."], "number | statement"),
        ([], ["3 |"], "number | statement"),
    ],
)
def test_what_does_not_fit_together_is_refused(found, untested, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        folklore.together(found, folklore.open_rows(untested))
