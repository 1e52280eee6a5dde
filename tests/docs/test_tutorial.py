from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.main import main

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ("write-a-rulebook.md", "write-a-rulebook.zh-CN.md")
SHELL = ("cat", "cp", "grep")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the file it is or changes, its text and where it stands."""

    language: str
    file: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page of the tutorial, in order."""
    text = (TUTORIAL / page).read_text("utf-8")
    return [Block(one[1], one[2] or "", one[3], text.count("\n", 0, one.start()) + 1) for one in BLOCK.finditer(text)]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Run one command line in an empty folder and return what it printed: what it says to people, then its output."""
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> str:
        words = shlex.split(line)
        capfd.readouterr()
        if words[0] == "property-credit":
            monkeypatch.setattr(sys, "argv", words)
            with pytest.raises(SystemExit):
                main()
        else:
            assert words[0] in SHELL, f"found {words[0]!r}, allowed: property-credit, {', '.join(SHELL)}"
            subprocess.run(words, check=True)
        printed = capfd.readouterr()
        return printed.err + printed.out

    return run


def test_the_tutorial_runs_as_it_is_written(tmp_path: Path, command: Callable[[str], str]):
    """Whoever follows it step by step must see what it shows, or they give up at the first difference."""
    for block in blocks(PAGES[0]):
        if block.language == "console":
            for line, expected in commands(block):
                assert matches(expected, printed := command(line)), f"line {block.line}: {line}\n{printed}"
        elif block.language == "diff":
            apply(block, tmp_path / block.file)
        else:
            assert block.file, f"line {block.line}: found a block without a file"
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(block.text, "utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_file_is_named_above_its_block(page: str):
    """The name after the fence is invisible on the page, so it stands in the text as well."""
    text = (TUTORIAL / page).read_text("utf-8").splitlines()

    for block in blocks(page):
        if block.file and block.language != "diff":
            assert text[block.line - 3] == f"`{block.file}`", block.line


def test_the_chinese_page_has_the_same_blocks():
    """One tutorial in two languages: what runs in one must be what stands in the other."""
    found = [[(block.language, block.file, block.text) for block in blocks(page)] for page in PAGES]

    assert found[0] == found[1]


def test_the_chinese_page_has_the_same_chapters():
    """A chapter that is missing in one language is missing for its readers."""
    counts = [re.findall(r"^#+", (TUTORIAL / page).read_text("utf-8"), re.MULTILINE) for page in PAGES]

    assert counts[0] == counts[1]


def commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Each `$ command` with the lines that are printed after it."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    assert parts, f"line {block.line}: found no '$ command'"
    for part in parts:
        line, *expected = part.splitlines()
        yield line, expected


def matches(expected: list[str], printed: str) -> bool:
    """Whether the lines are those printed; a line `…` stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "…" else re.escape(line.rstrip()) + r"[ ]*\n" for line in expected)
    return re.fullmatch(pattern, printed) is not None


def apply(block: Block, file: Path) -> None:
    """Replace the lines marked - by those marked +; each must stand in the file once."""
    text = file.read_text("utf-8")
    for change in re.finditer(r"((?:^-.*\n)+)((?:^\+.*\n)+)", block.text, re.MULTILINE):
        old, new = (re.sub(r"^[-+]", "", lines, flags=re.MULTILINE) for lines in change.groups())
        assert text.count(old) == 1, f"line {block.line}: found {text.count(old)} times: {old}"
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
