"""`make chapter` begins a chapter that runs, in the shape that the tests ask of every chapter."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import test_chapters
import yaml

from helpers.site import execute, folklore, newchapter, repository

ROOT = Path(__file__).parents[2]
TOC = """\
# before
format: jb-book
root: book/index
parts:
  - caption: First   # a remark
    chapters:
      - file: book/one
        title: One
      # about two
      - file: book/two

  - caption: Second half
    chapters:
    - file: book/three   # with another indentation
  - caption: Back matter
    chapters:
      - file: book/last
# after
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The parts of the repository that a new chapter needs, and the chapter."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "book", root / "book", ignore=shutil.ignore_patterns("_assets", ".*"))
    for name in ("_config.yml", "_toc.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    chapter = newchapter.begin(root, "my_question", part="how do", title='Is it "so"?')
    execute.execute(chapter)
    return root


@pytest.fixture(scope="module")
def chapter(copy: Path) -> Path:
    return copy / "book" / "my_question.ipynb"


@pytest.mark.parametrize(
    "property_of_chapters",
    [
        test_chapters.test_one_cell_sets_the_seed,
        test_chapters.test_every_cell_has_run_in_order_without_errors_or_warnings,
        test_chapters.test_every_picture_has_alternative_text,
        test_chapters.test_at_least_five_exercises_each_with_a_solution,
        test_chapters.test_sources_of_claims_are_in_the_bibliography,
    ],
    ids=lambda test: test.__name__,
)
def test_it_is_what_a_chapter_must_be(property_of_chapters, chapter) -> None:
    property_of_chapters(chapter)


def test_it_has_every_part_of_a_chapter_in_order(chapter: Path) -> None:
    cells = nbformat.read(chapter, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    order = ["# Is it ”so”?", "google.colab", "SEED = 0", "use_style()", "explore(", "{prf:theorem}", "{prf:proof}"]
    order += ["claim(", "## Folklore check", "folklore(", "## What this does not explain", "## Exercises", "## Sources"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert f'"git+{repository.configured(ROOT).url}"' in text
    assert not re.search(r"@[A-Z]+@", text)
    assert cells[0].source.startswith("# ")
    outputs = [o for cell in cells for o in cell.get("outputs", [])]
    assert any('class="explorer"' in o.get("data", {}).get("text/html", "") for o in outputs)


def test_its_code_is_formatted(copy: Path, chapter: Path) -> None:
    for check in (["format", "--check"], ["check"]):
        ruff = [str(Path(sys.executable).with_name("ruff")), *check, "--no-cache", str(chapter)]
        run = subprocess.run(ruff, cwd=copy, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout


def test_its_claims_hold_for_another_seed_and_fail_for_their_faults(copy: Path) -> None:
    shutil.copy(ROOT / "tests/book/rehearsal.py", copy / "tests/book")
    command = [sys.executable, "tests/book/rehearsal.py", "my_question", "--seed", "11"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert len(report["claims"]) == 2 and all(report["claims"].values())
    assert [fault["survived"] for fault in report["faults"]] == [[], []]


def test_its_statement_takes_no_other_ones_place(copy: Path, chapter: Path) -> None:
    others = [row for path in (ROOT / "book").glob("*.ipynb") for row in folklore.rows_of(path)]
    listed = re.findall(r"^\d+ \|.*", (ROOT / "book/folklore.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (row,) = folklore.rows_of(chapter)
    assert row.number not in {other.number for other in others}
    assert max(folklore.together([*others, row], folklore.open_rows(listed))) == row.number


def test_the_table_of_contents_has_it_and_is_else_as_it_was(copy: Path) -> None:
    old, new = ((root / "_toc.yml").read_text(encoding="utf-8") for root in (ROOT, copy))
    assert new.replace("      - file: book/my_question\n", "") == old
    part = next(p for p in yaml.safe_load(new)["parts"] if p["caption"].startswith("How do"))
    assert part["chapters"][-1] == {"file": "book/my_question"}


@pytest.mark.parametrize(("part", "index"), [("First", 0), ("sec", 1), ("", 1)])
def test_it_becomes_the_last_page_of_its_part(part: str, index: int) -> None:
    entered = newchapter.enter(TOC, "book/new", part)
    before, after = yaml.safe_load(TOC), yaml.safe_load(entered)
    before["parts"][index]["chapters"].append({"file": "book/new"})
    assert after == before
    lines = entered.splitlines()
    assert [line for line in lines if "book/new" not in line] == TOC.splitlines()


@pytest.mark.parametrize("part", ["Third", "Back matter"])
def test_a_part_that_is_not_there_is_named_with_those_that_are(part: str) -> None:
    with pytest.raises(
        ValueError, match=f"PART must be one of 'First', 'Second half', or how one begins, got '{part}'"
    ):
        newchapter.enter(TOC, "book/new", part)


@pytest.mark.parametrize(
    "name", ["", "My_question", "my question", "2much", "a-b", "a__b", "_a", "../x", "a.ipynb", "ä"]
)
def test_a_malformed_name_is_refused(name: str, copy: Path) -> None:
    with pytest.raises(ValueError, match="NAME must be lower-case words joined by underscores, as in NAME=my_question"):
        newchapter.begin(copy, name)


@pytest.mark.parametrize("name", ["backprop", "index", "my_question", "references"])
def test_a_name_that_is_taken_is_refused_and_nothing_is_written(name: str, copy: Path, chapter: Path) -> None:
    def written():
        return (copy / "_toc.yml").read_text(encoding="utf-8"), sorted(p.name for p in (copy / "book").iterdir())

    before = written()
    with pytest.raises(ValueError, match=rf"book/{name}\.\w+ exists already: choose another NAME"):
        newchapter.begin(copy, name)
    assert written() == before


def test_a_missing_name_is_asked_for_in_a_sentence() -> None:
    command = [sys.executable, "-m", "helpers.site.newchapter", ""]  # what make calls without NAME=
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 1
    assert "NAME=my_question" in said.stderr and "Traceback" not in said.stderr
