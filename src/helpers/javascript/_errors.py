"""The one error of this package, and where in the user's code it comes from."""

import os
from pathlib import Path

import jax

_HELPERS = Path(__file__).resolve().parents[1]
_INSTALLED = {"site-packages", "dist-packages"}  # the second is Debian's, and Colab's
_LIBRARIES = tuple(
    f"{folder}{os.sep}"
    for folder in (Path(os.__file__).parent, Path(jax.__file__).parent, _HELPERS / "javascript", _HELPERS / "explorer")
)


class UnsupportedPrimitive(NotImplementedError):
    """The function uses a JAX primitive (or dtype) that has no translation to JavaScript."""


def user_line(eqn) -> str:
    """``file.py:12 (function)`` of the user's code that an equation came from; empty where JAX does not tell.

    A notebook's kernel gives each cell a file whose name is a number: that is ``cell line 12 (function)``.
    """
    traceback = getattr(getattr(eqn, "source_info", None), "traceback", None)
    for frame in getattr(traceback, "frames", None) or []:
        if not is_library(frame.file_name):
            path, function = Path(frame.file_name), frame.function_name.rpartition(".")[2]
            where = f"cell line {frame.line_num}" if path.stem.isdigit() else f"{path.name}:{frame.line_num}"
            return f"{where} ({function})"
    return ""


def is_library(path: str) -> bool:
    return path.startswith(("<", *_LIBRARIES)) or not _INSTALLED.isdisjoint(Path(path).parts)


def unsupported(eqn, reason: str = "", line: str = "") -> UnsupportedPrimitive:
    """The error for an equation: which primitive, why, which line of the user's code (or ``line``)."""
    name = getattr(eqn, "name", None) or eqn.primitive.name
    message = f"no JavaScript for the JAX primitive '{name}'" + (f": {reason}" if reason else "")
    if line := getattr(eqn, "line", "") or line or user_line(eqn):
        message += f", from {line}"
    return UnsupportedPrimitive(message + ". Rewrite that line, or run the explorer in the kernel.")
