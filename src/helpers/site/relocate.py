"""Change the repository's address everywhere: ``python -m helpers.site.relocate https://github.com/someone/fork``.

Without an address, every file is brought in line with ``_config.yml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpers.site.repository import CONFIG, change, configured, parse


def main(arguments: list[str]) -> None:
    """Change the address, or bring all files in line with ``_config.yml``, and say which files changed."""
    root = Path()
    if not (root / CONFIG).exists():
        sys.exit(f"There is no {CONFIG} in {root.resolve()}: run this from the repository's root.")
    try:
        new = parse(arguments[0]) if arguments else configured(root)
        changed = change(root, new)
    except ValueError as error:
        sys.exit(f"{str(error)[0].upper()}{str(error)[1:]}. As in: make repo URL=https://github.com/someone/fork")
    for path in changed:
        print(f"  {path}")
    print(f"The repository is {new.url} in every file; {len(changed)} changed.")


if __name__ == "__main__":
    main(sys.argv[1:])
