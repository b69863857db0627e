"""A claim holds or says, with its numbers, why not."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.claims import Claim, ClaimFailed, check, claim, folklore, glue, slope, summary

finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-3, 1e3)
patient = settings(deadline=None)  # a busy machine may take a second for what takes a millisecond


@patient
@given(expected=finite, tolerance=positive, fraction=st.floats(-0.999, 0.999))
def test_a_prediction_holds_within_its_tolerance(expected, tolerance, fraction):
    check("holds", measured=expected + fraction * tolerance, expected=expected, tolerance=tolerance * (1 + 1e-9))


@patient
@given(expected=finite, tolerance=positive, excess=st.floats(1.01, 100), sign=st.sampled_from([-1, 1]))
def test_a_prediction_fails_outside_its_tolerance(expected, tolerance, excess, sign):
    with pytest.raises(ClaimFailed, match="predicted"):
        check("fails", measured=expected + sign * excess * tolerance, expected=expected, tolerance=tolerance)


@patient
@given(expected=st.floats(0.1, 1e6), sign=st.sampled_from([-1, 1]))
def test_a_relative_tolerance_is_a_fraction_of_the_prediction(expected, sign):
    check("holds", measured=1.02 * sign * expected, expected=sign * expected, tolerance=0.03, relative=True)
    with pytest.raises(ClaimFailed, match="± 3 %"):
        check("fails", measured=1.04 * sign * expected, expected=sign * expected, tolerance=0.03, relative=True)


@patient
@given(value=finite, margin=positive)
def test_bounds_are_inclusive_and_bind(value, margin):
    check("holds", measured=value, at_least=value, at_most=value)
    with pytest.raises(ClaimFailed, match="at least"):
        check("fails", measured=value, at_least=value + margin)
    with pytest.raises(ClaimFailed, match="at most"):
        check("fails", measured=value, at_most=value - margin)


@patient
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=8, unique=True))
def test_an_order_is_strict(values):
    check("holds", measured=sorted(values), order="increasing")
    check("holds", measured=sorted(values)[::-1], order="decreasing")
    with pytest.raises(ClaimFailed, match="must be increasing"):
        check("fails", measured=[*sorted(values), max(values)], order="increasing")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("form", [{"expected": 1, "tolerance": 9}, {"at_least": -9, "at_most": 9}, {"at_most": 9}])
def test_what_is_not_a_number_never_holds(bad, form):
    if form == {"at_most": 9}:
        bad = np.nan if np.isnan(bad) else -np.inf
    with pytest.raises(ClaimFailed):
        check("never", measured=bad, **form)


def test_one_bad_value_among_many_fails_and_is_counted():
    with pytest.raises(ClaimFailed, match=r"1 of 3 values miss it.*\[1\. +1\.2 +3\."):
        check("all of them", measured=[1.0, 1.2, 3.0], at_most=2)


def test_several_predictions_are_compared_one_by_one():
    check("each its own", measured=[1.0, 2.0], expected=[1.01, 1.99], tolerance=0.02)
    with pytest.raises(ClaimFailed):
        check("each its own", measured=[2.0, 1.0], expected=[1.01, 1.99], tolerance=0.02)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "exactly one criterion, got 0"),
        ({"at_least": 0, "order": "increasing"}, "exactly one criterion, got 2"),
        ({"expected": 1}, "belong together"),
        ({"tolerance": 1, "at_least": 0}, "belong together"),
        ({"expected": 1, "tolerance": -1}, "not negative"),
        ({"expected": np.nan, "tolerance": 1}, "finite"),
        ({"at_least": 2, "at_most": 1}, "must not exceed"),
        ({"at_least": 0, "relative": True}, "relative= needs"),
        ({"order": "upwards"}, "must be 'increasing' or 'decreasing'"),
        ({"measured": [1.0], "order": "increasing"}, "two or more values, got 'increasing' for 1"),
        ({"expected": 1, "tolerance": np.inf}, "tolerance= finite"),
        ({"measured": [], "at_least": 0}, "measured is empty"),
        ({"measured": {}, "at_least": 0}, "measured= must be a number"),
        ({"measured": "many", "at_least": 0}, "measured= must be a number"),
    ],
)
def test_a_claim_without_a_clear_criterion_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        check("unclear", **({"measured": [1.0, 2.0]} | arguments))
    with pytest.raises(ValueError, match="needs a statement"):
        check(" ", measured=1, at_least=0)


def test_what_the_page_shows():
    held = check("Peak & fall <3", measured=[1.02, 0.99], expected=1, tolerance=0.03, source=["a2020b", "c2021d"])
    data, metadata = held._repr_mimebundle_()
    assert data["text/plain"] == "✓ Peak & fall <3: measured 1.005 (0.99 to 1.02); predicted 1 ± 0.03 [a2020b, c2021d]"
    assert "Peak &amp; fall &lt;3" in data["text/html"]
    assert 'id="claim-peak-fall-3"' in data["text/html"]
    assert '<cite data-key="a2020b">' in data["text/html"]
    record = json.loads(json.dumps(metadata["claim"]))
    assert record["measured"] == [1.02, 0.99]
    assert record["about"]["expected"] == 1.0
    assert record["about"]["tolerance"] == 0.03


def test_sources_stand_apart_from_the_numbers():
    alone = check("Alone", measured=1, at_least=0)._repr_mimebundle_()[0]["text/html"]
    cited = check("Cited", measured=1, at_least=0, source="a2020b")._repr_mimebundle_()[0]["text/html"]
    assert alone.endswith("at least 0</span></div>")
    assert cited.endswith('at least 0</span> <cite data-key="a2020b">a2020b</cite></div>')


def test_a_prediction_without_tolerance_is_met_exactly():
    assert check("holds", measured=[2, 2], expected=2, tolerance=0).criterion == "predicted 2, exactly"
    with pytest.raises(ClaimFailed):
        check("fails", measured=np.nextafter(2, 3), expected=2, tolerance=0)


def test_up_to_six_different_predictions_are_shown_and_more_are_summed_up():
    for expected, shown in (([1, 3], "1, 3"), ([3, 3], "3"), (range(6), "0, 1, 2, 3, 4, 5"), (range(7), "3 (0 to 6)")):
        held = check("Each", measured=list(expected), expected=list(expected), tolerance=0.5)
        assert held.criterion == f"predicted {shown} ± 0.5"
        assert held.about["expected"] == (3 if shown == "3" else list(expected))


def test_a_statement_has_its_own_anchor_however_long():
    """Links from elsewhere point to it, so it never changes."""
    anchors = [check("x" * length, measured=1, at_least=0).anchor for length in (50, 51, 52)]
    assert anchors[0] == "claim-" + "x" * 50
    assert anchors[1] == "claim-" + "x" * 40 + hashlib.sha256(b"x" * 51).hexdigest()[:8]
    assert len({*anchors}) == 3


def test_claim_shows_what_check_returns(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert claim("Shown", measured=1, at_least=0) is None
    assert [type(item) for item in shown] == [Claim]
    with pytest.raises(ClaimFailed):
        claim("Not shown", measured=-1, at_least=0)
    assert len(shown) == 1


@patient
@given(st.floats(-3, 3), positive)
def test_slope_finds_the_exponent_of_a_power_law(exponent, factor):
    x = np.array([1.0, 2.0, 5.0, 17.0])
    assert slope(x, factor * x**exponent) == pytest.approx(exponent, abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y"),
    [([1, 2], [1]), ([1, 2], [0, 1]), ([-1, 2], [1, 1]), ([0, 2], [1, 1]), ([1, 2], [1, np.inf]), ([2, 2], [1, 3])],
)
def test_slope_refuses_what_has_none(x, y):
    with pytest.raises(ValueError, match="slope needs"):
        slope(x, y)


def test_summary_of_one_and_of_many():
    assert summary(0.12345) == "0.123"
    assert summary([3.0, 1.0, 2.0]) == "2 (1 to 3)"
    assert summary([1.0042, -0.5]) == "0.252 (−0.5 to 1.004)"
    assert summary([2.0, 2.0]) == "2" and summary([0.0, 1.0]) == "0.5 (0 to 1)"
    assert summary(np.nan) == "nan"


def test_ratios_near_one_are_shown_to_four_digits():
    assert [summary(x) for x in (0.87654, 0.95432, -1.0987, 1.2345)] == ["0.877", "0.9543", "−1.099", "1.23"]


def test_glue_writes_what_myst_nb_reads(monkeypatch):
    published = []
    monkeypatch.setattr(
        "IPython.display.publish_display_data", lambda data, metadata: published.append((data, metadata))
    )
    glue(peak=0.82)
    ((data, metadata),) = published
    assert data == {"application/papermill.record/text/plain": "'0.82'"}
    assert metadata["scrapbook"] == {"name": "peak", "mime_prefix": "application/papermill.record/"}


def test_folklore_shows_its_verdict_and_keeps_a_record(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    folklore(21, "Big is < small", verdict="half true", evidence="It was 3 & 4.")
    data, metadata = shown[0]._repr_mimebundle_()
    assert 'id="folklore-21"' in data["text/html"]
    assert "Big is &lt; small" in data["text/html"]
    assert "It was 3 &amp; 4." in data["text/html"]
    assert metadata["folklore"]["verdict"] == "half true"
    with pytest.raises(ValueError, match="true, half true, false, open"):
        folklore(21, "Big", verdict="maybe", evidence="None.")
    with pytest.raises(ValueError, match="evidence"):
        folklore(21, "Big", verdict="open", evidence=" ")
