"""The bar that a long training run shows, to those who would see it."""

import sys

from tqdm import tqdm


def bar(steps: int, done: int) -> tqdm:
    """A bar that begins at ``done`` of ``steps``, shows from three seconds on, and leaves no trace."""
    hidden = not _someone_is_watching()
    return tqdm(total=steps, initial=done, unit="step", leave=False, delay=3, disable=hidden)


def _someone_is_watching() -> bool:
    """Whether a bar would be seen and not stored: on a terminal, or in a notebook whose user could be asked for input.

    A notebook run by nbclient, papermill or nbval says with every cell that there is no user (``allow_stdin``); what a
    cell writes there ends up in the file.
    """
    if sys.stderr.isatty() or "IPython" not in sys.modules:
        return sys.stderr.isatty()
    request: dict = getattr(sys.modules["IPython"].get_ipython(), "get_parent", dict)()
    return request.get("content", {}).get("allow_stdin", False)
