"""Checked statements: an empirical sentence of the book is a :func:`claim`, a number in its prose a :func:`glue`."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

Order = Literal["increasing", "decreasing"]
Verdict = Literal["true", "half true", "false", "open"]


class Claim(NamedTuple):
    """A statement, with the numbers that it held with; one that failed is in its :class:`ClaimFailed`."""

    statement: str
    measured: list[float]
    criterion: str
    source: list[str]
    about: dict[str, float | str | list[float]]

    @property
    def anchor(self) -> str:
        """The ``id`` under which a page can link to this claim."""
        words = re.sub(r"[^a-z0-9]+", "-", self.statement.lower()).strip("-")
        return "claim-" + (words if len(words) <= 50 else words[:40] + hashlib.sha256(words.encode()).hexdigest()[:8])

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict[str, str], dict[str, object]]:
        data = {"text/plain": self._text(), "text/html": self._html()}
        return data, {"claim": {"anchor": self.anchor, **self._asdict()}}

    def _text(self) -> str:
        sources = f" [{', '.join(self.source)}]" if self.source else ""
        return f"✓ {self.statement}: measured {summary(self.measured)}; {self.criterion}{sources}"

    def _html(self) -> str:
        sources = "".join(f'<cite data-key="{html.escape(key)}">{html.escape(key)}</cite>' for key in self.source)
        return (
            f'<div class="claim" id="{self.anchor}" role="note">'
            f'<span class="claim-mark" aria-hidden="true">✓</span>'
            f'<span class="claim-statement">{html.escape(self.statement)}</span> '
            f'<span class="claim-numbers">measured {summary(self.measured)}; {html.escape(self.criterion)}</span>'
            f"{' ' if sources else ''}{sources}</div>"
        )


class ClaimFailed(AssertionError):
    """A claim that did not hold; the message carries the numbers, and ``claim`` has them as such."""

    def __init__(self, message: str, claim: Claim):
        super().__init__(message)
        self.claim = claim

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict[str, str], dict[str, object]]:
        about = {"anchor": self.claim.anchor, **self.claim._asdict(), "held": False}
        return {"text/plain": f"✗ {self}"}, {"claim": about}


_failed: list[Claim] | None = None


def keep_going() -> list[Claim]:
    """From now on :func:`claim` does not raise; it adds the claims that fail to the list that this returns.

    For those who run a chapter for many seeds, or with a planted fault, and want to know *which* claims hold.
    """
    global _failed
    _failed = []
    return _failed


def claim(
    statement: str,
    *,
    measured: ArrayLike,
    expected: ArrayLike | None = None,
    tolerance: float | None = None,
    relative: bool = False,
    at_least: float | None = None,
    at_most: float | None = None,
    order: Order | None = None,
    source: str | Sequence[str] = (),
) -> None:
    """Check a statement and show it as one quiet line on the page; see :func:`check` for the arguments.

    Raises:
        ClaimFailed: if the statement does not hold, with the numbers; unless told to :func:`keep_going`.
        ValueError: if the statement is empty or the criterion is missing, contradictory or not a number.
    """
    shown: Claim | ClaimFailed
    try:
        shown = check(
            statement,
            measured=measured,
            expected=expected,
            tolerance=tolerance,
            relative=relative,
            at_least=at_least,
            at_most=at_most,
            order=order,
            source=source,
        )
    except ClaimFailed as failure:
        if _failed is None:
            raise
        _failed.append(failure.claim)
        shown = failure
    from IPython.display import display  # here, so that `check` works where there is no notebook

    display(shown)


@np.errstate(invalid="ignore")  # what is infinite fails, and needs no warning besides
def check(
    statement: str,
    *,
    measured: ArrayLike,
    expected: ArrayLike | None = None,
    tolerance: float | None = None,
    relative: bool = False,
    at_least: float | None = None,
    at_most: float | None = None,
    order: Order | None = None,
    source: str | Sequence[str] = (),
) -> Claim:
    """Return the :class:`Claim` if it holds for every measured value.

    Exactly one of three forms: a prediction (``expected`` with ``tolerance``), a bound (``at_least``, ``at_most`` or
    both), or an ``order`` of the measured values.

    Args:
        statement: one plain sentence, as the reader sees it.
        measured: a number, or an array of them (one per seed, width, …); every one must satisfy the criterion.
        expected: the predicted value(s), of a shape that broadcasts to that of ``measured``.
        tolerance: the largest allowed ``|measured - expected|``.
        relative: if true, ``tolerance`` is a fraction of ``|expected|``.
        at_least, at_most: inclusive bounds.
        order: ``"increasing"`` or ``"decreasing"``, strictly, along the flattened array.
        source: BibTeX key or keys of where the prediction comes from.

    Raises:
        ClaimFailed: if it does not hold; NaN never holds.
        ValueError: if the statement is empty or the criterion is missing, contradictory or not a number.
    """
    values = _numbers("measured", measured)
    if not statement.strip():
        raise ValueError("a claim needs a statement: one plain sentence that the reader sees")
    if values.size == 0:
        raise ValueError(f"claim {statement!r}: measured is empty, so there is nothing to check")
    forms = [expected is not None, at_least is not None or at_most is not None, order is not None]
    if sum(forms) != 1:
        raise ValueError(
            f"claim {statement!r} needs exactly one criterion, got {sum(forms)}: "
            "expected= with tolerance=, or at_least= and/or at_most=, or order="
        )
    if (expected is None) != (tolerance is None):
        raise ValueError(f"claim {statement!r}: expected= and tolerance= belong together")
    if relative and expected is None:
        raise ValueError(f"claim {statement!r}: relative= needs expected= and tolerance=")

    about: dict[str, float | str | list[float]]
    if expected is not None and tolerance is not None:
        prediction = np.broadcast_to(_numbers("expected", expected), values.shape)
        if not (np.isfinite(tolerance) and tolerance >= 0 and np.all(np.isfinite(prediction))):
            raise ValueError(f"claim {statement!r}: expected= must be finite and tolerance= finite and not negative")
        scale = np.abs(prediction) if relative else np.ones_like(prediction)
        holds = np.abs(values - prediction) <= tolerance * scale
        shown = f"{100 * tolerance:.3g} %" if relative else f"{tolerance:.3g}"
        several = np.ptp(prediction) > 0 and prediction.size <= 6
        wanted = ", ".join(map(_shown, prediction.ravel())) if several else summary(prediction.ravel())
        criterion = f"predicted {wanted}" + (f" ± {shown}" if tolerance else ", exactly")
        about = {"form": "prediction", "expected": _one_or_many(prediction), "tolerance": float(tolerance)}
        about["relative"] = str(relative).lower()
    elif order is not None:
        if order not in ("increasing", "decreasing") or values.size < 2:
            raise ValueError(
                f"claim {statement!r}: order= must be 'increasing' or 'decreasing' and needs two or more "
                f"values, got {order!r} for {values.size}"
            )
        steps = np.diff(values.ravel())
        holds = (steps > 0 if order == "increasing" else steps < 0) & np.isfinite(steps)
        criterion, about = f"must be {order}", {"form": "order", "order": order}
    else:
        low, high = (-np.inf if at_least is None else at_least), (np.inf if at_most is None else at_most)
        if not low <= high:
            raise ValueError(f"claim {statement!r}: at_least={at_least} must not exceed at_most={at_most}")
        holds = (values >= low) & (values <= high) & np.isfinite(values)
        parts = [f"at least {low:.4g}"] * (at_least is not None) + [f"at most {high:.4g}"] * (at_most is not None)
        criterion, about = "must be " + " and ".join(parts), {"form": "bound"}
        about |= {name: float(v) for name, v in (("at_least", at_least), ("at_most", at_most)) if v is not None}

    keys = [source] if isinstance(source, str) else list(source)
    checked = Claim(statement.strip(), values.ravel().tolist(), criterion, keys, about)
    if not np.all(holds):
        missed = int(holds.size - np.count_nonzero(holds))
        what = "steps" if order else "values"
        raise ClaimFailed(
            f"{statement}\n  measured {summary(values.ravel())}; {criterion}\n"
            f"  {missed} of {holds.size} {what} miss it: {np.array2string(values.ravel(), precision=6, threshold=40)}",
            checked,
        )
    return checked


class Folklore(NamedTuple):
    """A popular statement with the chapter's verdict."""

    number: int
    statement: str
    verdict: Verdict
    evidence: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict[str, str], dict[str, object]]:
        statement, evidence = html.escape(self.statement), html.escape(self.evidence)
        page = (
            f'<div class="folklore" id="folklore-{self.number}"><span class="verdict">{self.verdict}</span> '
            f'<q>{statement}</q><span class="evidence">{evidence}</span></div>'
        )
        text = f"{self.verdict.upper()}: “{self.statement}” {self.evidence}"
        return {"text/plain": text, "text/html": page}, {"folklore": self._asdict()}


def folklore(number: int, statement: str, *, verdict: Verdict, evidence: str) -> None:
    """Show the verdict on a popular statement; call it in the cell that tested it, after the claims that bear it.

    Args:
        number: the statement's row in the book's table of folklore.
        statement: the statement, paraphrased in one sentence.
        verdict: ``"true"``, ``"half true"``, ``"false"`` or ``"open"``.
        evidence: one sentence, with numbers from the run.

    Raises:
        ValueError: if the verdict is not one of the four, or a text is missing.
    """
    if verdict not in get_args(Verdict):
        raise ValueError(f"verdict must be one of {', '.join(get_args(Verdict))}, got {verdict!r}")
    if not (statement.strip() and evidence.strip()):
        raise ValueError("folklore needs the statement and one sentence of evidence")
    from IPython.display import display

    display(Folklore(number, statement, verdict, evidence))


def slope(x: ArrayLike, y: ArrayLike) -> float:
    """The least-squares slope of log ``y`` against log ``x``: the exponent of a power law.

    Raises:
        ValueError: unless ``x`` and ``y`` are positive, finite, of one length, with two or more different ``x``.
    """
    a, b = _numbers("x", x).ravel(), _numbers("y", y).ravel()
    if a.shape != b.shape or not (np.all(a > 0) and np.all(b > 0) and np.all(np.isfinite(a * b))):
        raise ValueError(f"slope needs positive, finite x and y of one length, got lengths {a.size} and {b.size}")
    if np.ptp(a) == 0:
        raise ValueError("slope needs two or more different x")
    return float(np.polyfit(np.log(a), np.log(b), 1)[0])


@np.errstate(invalid="ignore")
def summary(values: ArrayLike) -> str:
    """One number as itself; several as median and range."""
    v = np.asarray(values, dtype=float).ravel()
    shown = [_shown(x) for x in (np.median(v), np.min(v), np.max(v))]
    return shown[0] if v.size == 1 or np.ptp(v) == 0 else f"{shown[0]} ({shown[1]} to {shown[2]})"


def _one_or_many(values: np.ndarray) -> float | list[float]:
    return float(values.flat[0]) if np.ptp(values) == 0 else values.ravel().tolist()


def _shown(value: float) -> str:
    """Four digits near one, where ratios live; three elsewhere; a true minus sign."""
    return f"{value:.4g}".replace("-", "−") if 0.9 < abs(value) < 1.1 else f"{value:.3g}".replace("-", "−")


def _numbers(name: str, values: ArrayLike) -> np.ndarray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}= must be a number or an array of numbers, got {values!r}") from error


def glue(**values: object) -> None:
    """Keep numbers from the run for the prose: ``glue(peak=f"{x:.0f}")`` feeds the role ``{glue:text}`peak```.

    Writes the outputs that MyST-NB's own ``glue`` writes for a string, without importing Sphinx.
    """
    from IPython.display import publish_display_data

    for name, value in values.items():
        prefix = "application/papermill.record/"
        publish_display_data(
            {f"{prefix}text/plain": repr(str(value))}, metadata={"scrapbook": {"name": name, "mime_prefix": prefix}}
        )
