"""The book's look for matplotlib, and :func:`show`, which puts a figure on the page with its alternative text."""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure

# Each stands out from white and from the dark page (contrast at least 3), and any two stay apart for the three
# dichromacies (CIE76 distance at least 20): tests/test_figures.py measures both.
BLUE, ORANGE, PINK, GREEN = PALETTE = ("#3a8ae6", "#e6570c", "#d0609a", "#33744a")

# Two stand-ins that `show` turns into the page's own colours, so that a figure follows the theme, light or dark.
INK, PAPER = "#010203", "#fdfefc"
MUTED = "#808385"
SCALE = 1.7  # CSS pixels on a wide page for each point of the drawing

STYLE: Mapping[Any, Any] = {
    # Small on purpose: on a phone it shrinks to three quarters and the labels still read.
    "figure.figsize": (5.2, 3.1),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titlecolor": INK,
    "axes.labelsize": 10.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    # Colour never carries meaning alone: each line has a dash pattern of its own as well.
    "axes.prop_cycle": cycler(color=PALETTE) + cycler(linestyle=["-", "--", "-.", ":"]),
    "lines.linewidth": 1.9,
    "lines.markersize": 4.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "grid.color": MUTED,
    "grid.alpha": 0.25,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    # Text stays text (small, searchable, in the page's font) and two runs give the same bytes.
    "svg.fonttype": "none",
    "svg.hashsalt": "why-does-deep-learning-work",
    # With every vertex kept, the same plot has the same shape on every machine, whatever the last bits are.
    "path.simplify": False,
}


def use_style() -> None:
    """Make matplotlib draw in the book's style from here on."""
    mpl.rcParams.update(dict(STYLE))


@contextmanager
def style() -> Iterator[None]:
    """The book's style for the length of a ``with`` block."""
    with mpl.rc_context(dict(STYLE)):
        yield


class Picture:
    """A drawn figure, as the notebook and the page show it."""

    def __init__(self, svg: str, alt: str, caption: str | None) -> None:
        self.svg, self.alt, self.caption = svg, alt, caption

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return {
            "text/plain": f"[figure] {self.alt}",
            "text/html": f'<figure class="picture">{self.svg}{caption}</figure>',
        }


def show(fig: Figure, *, alt: str, caption: str | None = None) -> None:
    """Display a figure as inline SVG that follows the page's theme, and close it.

    Args:
        fig: any matplotlib figure; two runs that draw the same thing give the same bytes.
        alt: what a reader would see, for those who do not see it: one to three sentences, not the caption again.
        caption: the point that the figure makes, in a sentence.

    Raises:
        TypeError: if ``fig`` is not a matplotlib figure (``plt.subplots`` returns ``fig, axes``).
        ValueError: if ``alt`` is missing or too short to describe a figure.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"show needs a matplotlib Figure, got {type(fig).__name__}: pass the `fig` of plt.subplots()")
    picture = draw(fig, alt=alt, caption=caption)
    plt.close(fig)
    from IPython.display import display

    display(picture)


def draw(fig: Figure, *, alt: str, caption: str | None = None) -> Picture:
    """The picture that :func:`show` displays.

    Raises:
        ValueError: if ``alt`` is missing or too short to describe a figure.
    """
    if len(alt.split()) < 5:
        raise ValueError(f"alt must say in a sentence what a reader would see, got {alt!r}")
    buffer = io.StringIO()
    with style():
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return Picture(_for_the_page(buffer.getvalue(), alt), alt, caption)


def _for_the_page(svg: str, alt: str) -> str:
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<(metadata|style).*?</\1>\s*", "", svg, flags=re.DOTALL)
    svg = _own_identifiers(svg, prefix="p" + hashlib.sha256(alt.encode()).hexdigest()[:8])
    svg = re.sub(INK, "currentColor", svg, flags=re.IGNORECASE)
    svg = re.sub(PAPER, "var(--picture-paper, Canvas)", svg, flags=re.IGNORECASE)
    svg = svg.replace("'DejaVu Sans', sans-serif", "var(--picture-font, sans-serif)").replace(
        "'DejaVu Sans'", "inherit"
    )
    width, height = (float(v) for v in re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{html.escape(alt)}" viewBox="0 0 {width:g} {height:g}" style="stroke-linejoin:round;'
        f'width:100%;max-width:{SCALE * width:.0f}px;height:auto;font-family:var(--picture-font, sans-serif)">'
    )
    return re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1)


def _own_identifiers(svg: str, prefix: str) -> str:
    """Number the identifiers that are used: pages hold several figures, and machines differ in the last bit."""
    used = dict.fromkeys(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))
    names = {old: f"{prefix}-{i}" for i, old in enumerate(used)}
    svg = re.sub(r'\s+id="([^"]*)"', lambda m: f' id="{names[m[1]]}"' if m[1] in names else "", svg)
    return re.sub(r'(url\(|href=")#([^)"]+)', lambda m: f"{m[1]}#{names[m[2]]}", svg)
