"""``{peer-times}``: what the book's training and curvature cost, beside a careful PyTorch; from ``book/speed.json``."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

Times = dict[str, Any]


class PeerTimes(Directive):
    """The rows of `benchmarks/peers` as a table, and a sentence on where they were measured."""

    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        file = Path(env.srcdir) / Path(env.docname).parent / "speed.json"
        env.note_dependency(str(file))
        kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return [nodes.raw("", table(kept["peers"]) if "peers" in kept else NOTHING, format="html")]


NOTHING = "<p>Nothing has been measured here yet: <code>make bench</code> does it.</p>"


def table(measured: Times) -> str:
    """Each row: a first call with all its compiling, a later one, and what part of a later one is unavoidable."""
    heads = ("Task", "First call", "Later calls", "Limit’s share")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(map(_row, measured["rows"]))
    fastest = max(measured["product_gflops"].values())
    versions, machine = measured["versions"], measured["machine"]
    return (
        f'<table class="peer-times"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"<p>Seconds of wall time for JAX and for PyTorch, medians of {measured['turns']} processes each, in turn. "
        f"The limit is that of the arithmetic: the fewest operations in matrix products that the method needs, at the "
        f"{fastest:.0f} billion a second of the fastest large matrix product here. The last column is its share of "
        f"JAX’s later call. Measured on {measured['date']}, "
        f"{html.escape(machine['processor'])}, {machine['cores']} cores; JAX {versions['jax']}, "
        f"PyTorch {html.escape(versions['torch'])}.</p>"
    )


def _row(row: Times) -> str:
    jax, torch, later = row["jax"], row["torch"], row["torch_steady"]
    ways = f"PyTorch: {_way(torch)}" + (f"; later {_way(later)}" if _way(later) != _way(torch) else "")
    return (
        f'<tr><th scope="row">{html.escape(row["title"])}<span class="which">{html.escape(ways)}</span></th>'
        f"<td>{_pair(jax['wall'], torch['wall'])}"
        f'<span class="which">{_seconds(jax["compile"])} of JAX’s is compiling</span></td>'
        f"<td>{_pair(jax['steady'], later['steady'])}</td><td>{100 * row['share_of_limit']:.0f} %</td></tr>"
    )


def _way(times: Times) -> str:
    return f"{times['variant']}, {times['threads']} thread{'s' if times['threads'] > 1 else ''}"


def _pair(ours: float, theirs: float) -> str:
    """The two times, and which is faster by what factor; within a twentieth they are equal."""
    ratio = max(ours, theirs) / min(ours, theirs)
    said = "equal" if ratio < 1.05 else f"{ratio:.1f}× {'faster' if ours < theirs else 'slower'}"
    return f"{_seconds(ours)} and {_seconds(theirs)}: <strong>{said}</strong>"


def _seconds(time: float) -> str:
    return f"{time:.2g} s" if time < 10 else f"{time:.0f} s"
