"""The evidence: what is kept of each seed's run, that nothing is lost or hidden, and the page made from it."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.claims import ClaimFailed, check
from helpers.site.evidence import ledger, peers, strip
from helpers.site.evidence.page import PAGE, rows_of, summed_up, with_seeds

ROOT = Path(__file__).parents[2]
MACHINE = {"processor": "an abacus", "cores": 2, "python": "3", "jax": "1", "optax": "1", "numpy": "1"}
NUMBERS = st.floats(-10, 10).map(lambda x: round(x, 1))
VALUES = st.lists(NUMBERS | st.just(math.nan) | st.just(math.inf), min_size=2, max_size=5)
CRITERIA = st.one_of(
    st.builds(
        lambda expected, tolerance, relative: {"expected": expected, "tolerance": tolerance, "relative": relative},
        NUMBERS,
        NUMBERS.map(abs),
        st.booleans(),
    ),
    st.builds(lambda low: {"at_least": low}, NUMBERS),
    st.builds(lambda high: {"at_most": high}, NUMBERS),
    st.builds(lambda low, width: {"at_least": low, "at_most": low + width}, NUMBERS, NUMBERS.map(abs)),
    st.builds(lambda order: {"order": order}, st.sampled_from(["increasing", "decreasing"])),
)


def judged(measured: list[float], criterion: dict) -> dict:
    """The metadata that a claim leaves, with JSON's way to say that a value is not finite."""
    try:
        claim, held = check("A statement", measured=measured, **criterion), True
    except ClaimFailed as failure:
        claim, held = failure.claim, False
    values = [v if math.isfinite(v) else None for v in claim.measured]
    return {"anchor": claim.anchor, **claim._asdict(), "measured": values, "held": held}


def test_the_seeds_are_the_digits_of_pi_and_all_different() -> None:
    assert "".join(f"{seed:05d}" for seed in ledger.seeds(10)) == "14159265358979323846264338327950288419716939937510"
    assert ledger.seeds(100)[:10] == ledger.seeds(10)
    assert len(set(ledger.seeds(100))) == 100


@settings(max_examples=400, deadline=None)
@given(VALUES, CRITERIA)
def test_the_ledger_and_the_claim_agree_on_what_holds(measured: list[float], criterion: dict) -> None:
    claim = judged(measured, criterion)
    decided = ledger.decide(claim["measured"], claim["about"])
    assert decided.held == claim["held"]
    if criterion.get("order") is None and math.isfinite(decided.value):
        assert decided.value in measured


@settings(max_examples=400, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=6), CRITERIA)
def test_a_strip_puts_a_seed_between_the_limits_if_and_only_if_it_held(runs, criterion: dict) -> None:
    claims = [judged(run, criterion) for run in runs]
    decided = [ledger.decide(claim["measured"], claim["about"]) for claim in claims]
    values = [d.value if math.isfinite(d.value) else None for d in decided]
    placed = strip.placed(claims[0]["about"], values, [d.against for d in decided])
    edge = 1e-9  # a value on the limit itself, up to the rounding of a division
    for value, one in zip(placed.values, decided, strict=True):
        if value is None or min(abs(value - placed.low), abs(value - placed.high)) < edge:
            continue
        if criterion.get("tolerance") != 0:
            assert (placed.low < value < placed.high) == one.held
    assert strip.drawn(placed).startswith("<svg")


def test_a_value_that_is_no_number_decides_and_fails() -> None:
    for about in ({"form": "bound", "at_most": 5.0}, {"form": "order", "order": "increasing"}):
        for lost in (None, "nan", "inf", math.inf):
            decided = ledger.decide([1.0, lost, 2.0], about)
            assert not decided.held and math.isnan(decided.value)


def code(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["parameters"]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=about)


def test_comments_and_blank_lines_leave_the_digest_alone_and_code_does_not() -> None:
    plain = ledger.digest(code("SEED = 0", "x = 1\ny = 2"))
    assert ledger.digest(code("SEED = 0", "# why\nx = 1\n\n    # more\ny = 2")) == plain
    bare, told = "def f(x):\n    return x", 'def f(x):\n    """Say it,\n    on two lines."""\n    return x'
    assert ledger.digest(code("SEED = 0", bare)) == ledger.digest(code("SEED = 0", told)) != plain
    value = 'def f(x):\n    return """Say it"""'  # no docstring, but what it returns
    assert ledger.digest(code("SEED = 0", value)) != ledger.digest(code("SEED = 0", value.replace("it", "that")))
    assert ledger.digest(code("SEED = 0", "x = 1\ny = 3")) != plain


def test_what_is_only_shown_leaves_the_digest_alone() -> None:
    def of(source: str) -> str:
        return ledger.digest(code("SEED = 0", source))

    plain = of("x = 1\ny = 2")
    assert (
        of('x = 1\nshow(\n    x, alt="One"\n)\ny = 2\nglue(x=x)\nfolklore(1, "So", verdict="true", evidence="x")')
        == plain
    )
    for other in (
        'x = 1\nclaim("One", measured=x)\ny = 2',  # a claim
        "x = 1\nz = show(x)\ny = 2",  # a name is bound
        "x = 1\nfor y in range(2):\n    glue(y=y)\ny = 2",
        "%time\nx = 1\nglue(x=x)\ny = 2",  # not plain Python: all of it counts
    ):
        assert of(other) != plain


HOLDS = 'from helpers.claims import claim\nclaim("Holds", measured=[SEED % 7, 3], at_least=0)'
ODD = 'claim("The seed is odd", measured=SEED % 2, expected=1, tolerance=0.1)'
LATE = 'if SEED == 26535: raise RuntimeError("no luck")\nclaim("Late", measured=1.0, at_most=2)'


@pytest.fixture
def little_book(tmp_path: Path) -> Path:
    """One chapter of three claims, executed; of the first seeds 26535 stops it, and 23846 fails a claim."""
    (tmp_path / "book").mkdir()
    chapter = code("SEED = 1", HOLDS, ODD, LATE)
    for cell, (statement, criterion) in zip(
        chapter.cells[1:],
        (("Holds", {"at_least": 0}), ("The seed is odd", {"expected": 1, "tolerance": 0.1}), ("Late", {"at_most": 2})),
        strict=True,
    ):
        claim = check(statement, measured=1.0, **criterion)
        data, metadata = claim._repr_mimebundle_()
        cell.outputs = [nbformat.v4.new_output("display_data", data=data, metadata=metadata)]
    nbformat.write(chapter, tmp_path / "book" / "little.ipynb")
    return tmp_path


def evidence(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "helpers.site.evidence.run", *arguments, "--jobs", "1"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_what_fails_is_kept_with_its_numbers_and_a_later_call_goes_on(little_book: Path) -> None:
    run = evidence(little_book, "--seeds", "2")
    assert run.returncode == 0, run.stderr
    assert "2 runs are missing" in run.stdout and "RuntimeError: no luck" in run.stdout
    run = evidence(little_book, "little", "--seeds", "4")
    assert "2 runs are missing" in run.stdout and "✗ The seed is odd" in run.stdout
    assert evidence(little_book, "--seeds", "4").stdout.count("/0") == 0

    kept = ledger.read(little_book / "book" / "evidence.json")["little"]
    assert ledger.measured_seeds(kept) == [14159, 26535, 89793, 23846]
    holds, odd, late = kept["claims"]
    assert holds["measured"] == [min(s % 7, 3) for s in ledger.seeds(4)] and "failed" not in holds
    assert odd["measured"] == [1, 1, 1, 0] and odd["failed"] == [23846]
    assert late["measured"] == [1, None, 1, 1] and late["failed"] == [26535]
    assert kept["errors"] == {"26535": "RuntimeError: no luck"}


def test_a_chapter_whose_code_has_changed_begins_anew(little_book: Path) -> None:
    evidence(little_book, "--seeds", "1")
    path = little_book / "book" / "little.ipynb"
    nbformat.write((chapter := nbformat.read(path, as_version=4)), path)
    assert "0 runs are missing" in evidence(little_book, "--seeds", "1").stdout
    chapter.cells[1].source += "\nx = 1"
    nbformat.write(chapter, path)
    assert not next(rows_of(path.parent)).measured, "seeds of other code must not be shown"
    assert "1 runs are missing" in evidence(little_book, "--seeds", "1").stdout


def test_a_run_that_is_killed_loses_only_what_had_not_finished(little_book: Path) -> None:
    path = little_book / "book" / "little.ipynb"
    chapter = nbformat.read(path, as_version=4)
    chapter.cells[1].source += "\nimport time\ntime.sleep(60 * (SEED == 26535))"
    nbformat.write(chapter, path)
    command = [sys.executable, "-m", "helpers.site.evidence.run", "--seeds", "3", "--jobs", "1"]
    process = subprocess.Popen(command, cwd=little_book, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    with process.stdout as told:
        assert any("1/3 little" in line for line in told), "it ended before it had run a seed"
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert ledger.measured_seeds(ledger.read(little_book / "book" / "evidence.json")["little"]) == [14159]


def test_the_file_can_be_read_back_and_has_a_line_for_each_claim(tmp_path: Path) -> None:
    kept = ledger.begin("abc", [judged([1.0, 2.0], {"at_most": 3})])
    for seed, value in ((1, 2.0), (2, 4.0)):
        ledger.add(kept, seed, {"cores": 2}, [judged([1.0, value], {"at_most": 3})], None)
    ledger.write({"one": kept, "two": kept}, file := tmp_path / "evidence.json")
    assert ledger.read(file) == {"one": kept, "two": kept}
    assert kept["claims"][0]["failed"] == [2] and kept["runs"] == [{"cores": 2, "seeds": [1, 2]}]
    assert sum('"statement"' in line for line in file.read_text().splitlines()) == 2


def test_a_claim_of_a_page_says_for_how_many_seeds_it_held(little_book: Path) -> None:
    chapter = nbformat.read(little_book / "book" / "little.ipynb", as_version=4)
    holds, odd, _ = claims = ledger.claims_of(chapter)
    kept = ledger.begin(ledger.digest(chapter), claims)
    ledger.add(kept, 14159, MACHINE, claims, None)
    ledger.add(kept, 26535, MACHINE, [holds, odd], "RuntimeError: no luck")
    ledger.write({"little": kept}, little_book / "book" / "evidence.json")
    rows = {row.stated["anchor"]: row for row in rows_of(little_book / "book")}
    _, page = check("Late", measured=1.0, at_most=2)._repr_mimebundle_()[0].values()
    marked = with_seeds(page + "<p>more</p>", rows, "evidence.html")
    assert '<a class="claim-seeds" href="evidence.html#little-claim-late">1 of 2 other seeds</a></span>' in marked
    assert with_seeds(page, {}, "evidence.html") == page
    said = summed_up(list(rows.values()), {"little": kept})
    assert "3 claims, 2 seeds: 5 of 6 pairs hold (83.33 %)" in said and "1 hold for fewer than 95 %" in said
    assert "2 of them measure the same number each time" in said  # the third has no number for one of the seeds


# What the book itself has


def test_the_claims_of_the_book_hold_for_seeds_nobody_chose() -> None:
    rows = [row for row in rows_of(ROOT / "book") if row.measured]
    assert rows, "no chapter's evidence is of the code that it has now: make evidence"
    pairs = sum(len(row.measured) for row in rows)
    assert sum(row.held for row in rows) >= 0.97 * pairs
    weak = [row.anchor for row in rows if row.held < 0.95 * len(row.measured)]
    assert not weak, "these claims say more than they may: reword them in their chapters"


def test_every_claim_has_a_row_that_leads_to_its_place(site: Path) -> None:
    page = (site / f"{PAGE}.html").read_text(encoding="utf-8")
    links = re.findall(r'<th scope="row"><a href="([^"#]+)#([^"]+)"', page)
    assert len(links) == len(list(rows_of(ROOT / "book")))
    texts = {name: (site / "book" / name).read_text(encoding="utf-8") for name in {name for name, _ in links}}
    assert not [(name, anchor) for name, anchor in links if f'id="{anchor}"' not in texts[name]]


def test_the_table_can_be_sorted_and_filtered_with_the_keyboard(origin: str, watched) -> None:
    watch = watched(origin)
    page = watch.open(f"{origin}/{PAGE}.html")
    shown = page.locator(".evidence-table tbody tr:visible")
    every = shown.count()

    def column(key: str) -> list[float]:
        values = shown.evaluate_all(f"rows => rows.map(row => row.dataset.{key})")
        return [float(value) for value in values if value]

    assert column("order") == sorted(column("order"))
    button = page.get_by_role("button", name="Seeds")
    button.focus()
    page.keyboard.press("Enter")
    assert column("room") == sorted(column("room")) and column("order") != sorted(column("order"))
    assert page.locator("th[aria-sort]").count() == 1
    page.keyboard.press("Enter")
    assert column("room") == sorted(column("room"), reverse=True)

    page.get_by_label("Chapter").select_option("ntk")
    assert 0 < shown.count() < every
    page.get_by_label("Words in the claim").fill("tanh width")
    few = shown.all_inner_texts()
    assert few and all("tanh" in text.lower() and "width" in text.lower() for text in few)
    assert page.locator(".evidence-count").inner_text() == f"{len(few)} of {every} claims"
    assert watch.problems == []


def test_the_evidence_is_small() -> None:
    file = ROOT / ledger.FILE
    assert file.stat().st_size < 600_000
    assert json.loads(file.read_text(encoding="utf-8"))
    assert np.isfinite([v for row in rows_of(ROOT / "book") for v in row.measured if v is not None]).all()


def peer_row(ours: float, theirs: float) -> dict:
    steady = {"variant": "eager", "threads": 2, "steady": theirs / 2}
    return {
        "title": "Descent & its <sharpness>",
        "jax": {"wall": ours, "compile": ours / 4, "steady": ours / 2},
        "torch": {"variant": "eager", "threads": 1, "wall": theirs, "steady": theirs / 2},
        "torch_steady": steady,
        "share_of_limit": 0.123,
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "said"), [(2.0, 8.0, "4.0× faster"), (8.0, 2.0, "4.0× slower"), (3.0, 3.1, "equal")]
)
def test_the_peer_table_says_who_is_faster_and_hides_no_loss(ours: float, theirs: float, said: str) -> None:
    measured = {
        **{"date": "2026-01-01", "machine": MACHINE, "versions": {"jax": "1", "torch": "2"}, "turns": 3},
        **{"product_gflops": {"jax": 90.0, "torch": 80.0}, "rows": [peer_row(ours, theirs)]},
    }
    shown = peers.table(measured)
    assert shown.count(said) == 2
    assert f"{ours / 4:.2g} s of JAX’s is compiling" in shown
    assert "12 %" in shown and "the 90 billion" in shown
    assert "Descent &amp; its &lt;sharpness&gt;" in shown
    assert "eager, 1 thread; later eager, 2 threads" in shown
