"""The repository's address stands in one place, and one command changes it everywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers.site import repository
from helpers.site.repository import Repository

ROOT = Path(__file__).parents[2]
HERE = repository.configured(ROOT)
EXAMPLE = "someone/fork"  # of what may be given to `make repo`
FORK = Repository(f"{HERE.owner}-s-friend", f"{HERE.name}.fork")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in repository.files(ROOT):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tmp_path


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in repository.files(root)}


def mentions(root: Path, address: Repository) -> list[str]:
    return [f for f, text in contents(root).items() if str(address).lower().encode() in text.lower()]


def test_the_address_in_the_settings_is_the_one_that_the_site_uses() -> None:
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    assert settings["url"] == HERE.url


def test_no_file_has_another_address() -> None:
    assert repository.repeated(ROOT) == {HERE}
    for name, text in contents(ROOT).items():
        for owner, project, path in re.findall(rb"github\.com/([\w-]+)/([\w.-]+)((?:/[\w.-]+)*)", text):
            inside = path.decode().split("/", 3)  # "", "blob", the branch, a path: does it lead to one of our files?
            ours = name in ("README.md", "CONTRIBUTING.md", "CITATION.cff", "_config.yml", "pyproject.toml")
            ours |= len(inside) == 4 and inside[1] in ("blob", "tree") and (ROOT / inside[3]).exists()
            named = f"{owner.decode()}/{project.decode()}".removesuffix(".git")
            assert not ours or named in (str(HERE), EXAMPLE), name


def test_after_a_move_nothing_mentions_the_old_address_and_all_else_is_as_it_was(copy: Path) -> None:
    (copy / ".github" / "planted.yml").write_text(f"# {HERE.url}\n", encoding="utf-8")
    before = contents(copy)
    changed = {path.relative_to(copy).as_posix() for path in repository.change(copy, FORK)}
    assert {"_config.yml", "README.md", "CITATION.cff", "pyproject.toml", ".github/planted.yml"} <= changed
    assert {f"book/{path.name}" for path in (ROOT / "book").glob("*.ipynb")} <= changed
    assert mentions(copy, HERE) == []
    assert [f for f, text in contents(copy).items() if HERE.pages.encode() in text] == []
    assert repository.configured(copy) == FORK and repository.repeated(copy) == {FORK}
    assert {f for f, text in contents(copy).items() if text != before[f]} == changed
    assert repository.change(copy, FORK) == []
    repository.change(copy, HERE)
    assert contents(copy) == before


def test_an_address_changed_by_hand_in_the_settings_is_carried_to_the_rest(copy: Path) -> None:
    settings = copy / "_config.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(HERE.url, FORK.url), encoding="utf-8")
    repository.change(copy, repository.configured(copy))
    assert mentions(copy, HERE) == []
    assert repository.repeated(copy) == {FORK}


@pytest.mark.parametrize("around", ["see {}.", "({})", "git+{}.git", '"{}"', "{}/issues", "{}\n", "<{}>", "{}#x"])
def test_an_address_is_found_whatever_stands_around_it(around: str) -> None:
    assert repository.moved(around.format(HERE.url), HERE, FORK) == around.format(FORK.url)


@pytest.mark.parametrize("ending", ["-2", "s", ".js", "_old"])
def test_a_longer_name_is_another_repository(ending: str) -> None:
    assert repository.moved(HERE.url + ending, HERE, FORK) == HERE.url + ending


@pytest.mark.parametrize(
    "url",
    ["", "someone/fork", "http://github.com/a/b", "https://github.com/a", "https://gitlab.com/a/b"]
    + [
        "https://github.com/a/b/tree/main",
        "https://github.com/-a/b",
        "https://github.com/a/..",
        "https://github.com/a b/c",
    ],
)
def test_a_bad_address_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"must look like https://github\.com/OWNER/NAME, got"):
        repository.parse(url)


@pytest.mark.parametrize(
    "url", ["https://github.com/a-b/c.d", "https://github.com/a-b/c.d/", "https://github.com/a-b/c.d.git"]
)
def test_an_address_may_be_copied_from_the_browser_or_from_a_clone(url: str) -> None:
    assert repository.parse(url) == Repository("a-b", "c.d")


def test_the_command_shows_no_traceback(copy: Path) -> None:
    before = contents(copy)
    said = subprocess.run(
        [sys.executable, "-m", "helpers.site.relocate", "not an address"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr.startswith("The repository's address must look like")
    assert "make repo URL=" in said.stderr and "Traceback" not in said.stderr
    assert contents(copy) == before


def test_the_citation_is_of_this_book() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert {citation["title"], citation["preferred-citation"]["title"]} == {settings["title"]}
    assert str(citation["preferred-citation"]["year"]) == settings["copyright"]
    assert (citation["repository-code"], citation["url"]) == (HERE.url, HERE.pages)
    assert f'version = "{citation["version"]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
