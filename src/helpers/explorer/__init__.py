"""Interactive views that run the chapter's own JAX function: on the static page, in JupyterLab, in Colab.

    explore(risk_curve, chart, width=(1, 200), noise=(0.0, 1.0), data=seed(SEED))

`risk_curve(width, noise, data)` returns ``{dataset: {column: array}}``, `chart` is an Altair chart over
``alt.NamedData(dataset)``, and the controls are what `ipywidgets.interact` takes, or one of :func:`slider`,
:func:`choice`, :func:`checkbox`, :func:`play`, :func:`seed`, :func:`sketch` and :func:`points`.
"""

from helpers.explorer.controls import checkbox, choice, play, points, seed, sketch, slider
from helpers.explorer.explorer import explore
from helpers.explorer.programs import training
from helpers.explorer.widget import Explorer

__all__ = ["Explorer", "checkbox", "choice", "explore", "play", "points", "seed", "sketch", "slider", "training"]
