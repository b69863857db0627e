"""JAX → JavaScript: a JAX function becomes a self-contained ES module, so that a static page can run it."""

from helpers.javascript import _control, _convert, _elementwise, _random, _reduce, _shapes  # noqa: F401  (the rules)
from helpers.javascript._compile import to_javascript
from helpers.javascript._errors import UnsupportedPrimitive

__all__ = ["UnsupportedPrimitive", "to_javascript"]
