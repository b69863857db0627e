"""JAX → JavaScript: a JAX function becomes a self-contained ES module, so that a static page can run it."""

from helpers.javascript import (  # noqa: F401  (importing them registers their rules)
    _bits,
    _control,
    _convert,
    _elementwise,
    _index,
    _linalg,
    _random,
    _reduce,
    _shapes,
    _windows,
)
from helpers.javascript._compile import to_javascript
from helpers.javascript._errors import UnsupportedPrimitive

__all__ = ["UnsupportedPrimitive", "to_javascript"]
