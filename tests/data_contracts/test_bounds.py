"""Files that ask for more than a file may have: other files of the machine, its memory, its time, its terminal."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.expressions import TEXT
from data_contracts.intake import take_in
from data_contracts.intake.gather import MAX_DEPTH
from data_contracts.mapping import TableMapping
from data_contracts.mapping.apply import shape
from data_contracts.model import Column, Contract
from data_contracts.personal import masked
from data_contracts.problems import UnreadableError
from data_contracts.quarantine import failure_line
from data_contracts.readers import Fence, Sheet, delimited, open_delivered, worker

NASTY = "a\x1b[2J\x07\n\u202eb\x85"
CONTRACT = Contract("complaints", "投诉", "1.0.0", (Column("ticket", "编号", TEXT),), (), False, (), (), "zh", "")


@pytest.fixture(scope="module")
def fence() -> Iterator[Fence]:
    """One child process for all files."""
    with Fence() as one:
        yield one


def refusal(path: Path, fence: Fence) -> UnreadableError:
    """Why the file cannot be used."""
    with pytest.raises(UnreadableError) as caught:
        open_delivered(path, path.name, fence).read("", ())
    return caught.value


def a_socket(path: Path) -> None:
    """Somebody listens where a file should be."""
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


SPECIAL: dict[str, tuple[str, Callable[[Path], object]]] = {
    "link to another file": ("链接", lambda path: path.symlink_to("/etc/passwd")),
    "link to a device": ("链接", lambda path: path.symlink_to("/dev/zero")),
    "link to itself": ("链接", lambda path: path.symlink_to(path)),
    "link to nothing": ("链接", lambda path: path.symlink_to("nothing")),
    "pipe": ("管道", os.mkfifo),
    "socket": ("套接字", a_socket),
    "folder": ("文件夹", Path.mkdir),
}


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("kind", SPECIAL)
def test_only_a_file_itself_is_opened(tmp_path, monkeypatch, fence, kind, suffix):
    """A link shows any file of the machine in a message; a pipe or a device is never read to its end."""
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    found, make = SPECIAL[kind]
    make(Path(f"投诉{suffix}"))

    error = refusal(Path(f"投诉{suffix}"), fence)

    assert error.code == "file.special"
    assert found in error.problem("zh").message


def test_a_folder_that_cannot_be_looked_into_refuses_the_delivery(tmp_path):
    """What lies in it would be missing without a word; what a link leads to was never delivered."""
    (tmp_path / "投诉.csv").write_text("编号\n1\n", encoding="utf-8")
    (tmp_path / "五华区").symlink_to("/etc")
    (tmp_path / "投诉.xlsx").mkdir()
    (tmp_path / "/".join("d" * (MAX_DEPTH + 1))).mkdir(parents=True)

    intake = take_in(tmp_path, {"complaints": CONTRACT}, {})

    assert intake.refuses_batch
    assert {(problem.code, problem.found) for problem in intake.batch_problems} == {
        ("folder.unreadable", "链接"),
        ("file.special", "文件夹"),
        ("folder.unreadable", "嵌套过深"),
    }


def test_a_name_with_commands_for_a_terminal_is_shown_as_text(tmp_path):
    """A line break in a name forges a message of its own, an escape hides the one above."""
    (tmp_path / f"投诉{NASTY}.csv").write_text("编号\n1,2\n", encoding="utf-8")
    (tmp_path / f"{NASTY}.csv").write_bytes(b"x")

    intake = take_in(tmp_path, {"complaints": CONTRACT}, {})

    shown = [*map(str, intake.batch_problems), *intake.unclaimed]
    assert len(shown) == 2
    assert all(text.isprintable() for text in shown)


def test_delivered_words_in_messages_are_short_and_fit_to_be_printed():
    """A header of a megabyte is no help, and a cell must not speak to the terminal."""
    failure = dict.fromkeys(("file", "sheet", "value", "message"), NASTY) | {
        "severity": "error",
        "row": 1,
        "column": "ticket",
    }
    long = UnreadableError("header.repeated", "投诉.csv", found=NASTY + "h" * 1_000_000)

    told = [failure_line(failure, CONTRACT), *(long.problem(language).message for language in ("zh", "en"))]

    assert all(text.isprintable() and len(text) < 1_000 for text in told)


def test_a_header_of_a_megabyte_is_not_compared_with_words():
    """Likeness takes the product of both lengths: this one took minutes."""
    sheet = Sheet("投诉.csv", "", {"h" * 1_000_000: pa.array(["1"]), "编号码": pa.array(["1"])}, pa.array([2]))

    _, problems = shape(sheet, CONTRACT, TableMapping("complaints"))

    assert [(one.code, one.values["near"]) for one in problems] == [("header.missing", "编号码")]
    assert len(problems[0].problem("zh").message) < 200


@pytest.mark.parametrize("text", ["1" * 32_767, "x." * 16_000, "a@" * 16_000, "业主:" * 8_000])
def test_masking_takes_no_more_than_its_text(text):
    """The longest cell took seconds, and a delivery may have thousands of them."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime

    masked(text)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 0.5


def test_a_dictionary_that_unpacks_beyond_measure_is_refused(tmp_path, fence):
    """A few kilobytes of Parquet that stand for 200 GB of text; this process gets none of them."""
    path = tmp_path / "投诉.parquet"
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["x" * 30_000]))
    pq.write_table(pa.table({"编号": words}), path, compression="zstd")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    error = refusal(path, fence)

    assert error.code == "file.costly"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.parametrize(
    "content,code",
    [
        (b"," * 15_000_000 + b"\n1\n", "sheet.wide"),
        (b"a,b\n" + b"x\n" * 2_000_000, "row.ragged"),
    ],
    ids=["commas", "ragged"],
)
def test_comma_separated_bombs_are_refused(tmp_path, fence, content, code):
    """A column or an object for each comma and line took 8 GB of this process."""
    path = tmp_path / "投诉.csv"
    path.write_bytes(content)

    assert refusal(path, fence).code == code


def test_ragged_rows_are_counted_to_a_thousand():
    """Whoever has a thousand of them has all of them."""
    with pytest.raises(UnreadableError) as caught:
        delimited.delimited_sheet(b"a,b\n" + b"x\n" * 5_000, "投诉.csv")

    assert (caught.value.values["line"], caught.value.values["others"]) == (2, "1000+")


def test_a_large_table_may_have_more_memory_than_a_workbook():
    """Half a gigabyte of rows cannot be read in what a workbook may have; each has its bound."""
    assert worker.memory_for(".xlsx", 1 << 27) == worker.memory_for(".csv", 1 << 20) == worker.MEMORY_BYTES
    assert worker.memory_for(".csv", 1 << 29) <= 8 << 30
    assert worker.seconds_for(".json", 1000) < worker.seconds_for(".xlsx", 1 << 19) < 3


def test_a_file_that_needs_more_memory_gets_a_child_of_its_own(tmp_path, monkeypatch, fence):
    """And the small one after it is read within the small bound again."""
    monkeypatch.setattr(worker, "LARGE", 100)
    monkeypatch.setattr(worker, "MEMORY_PER_BYTE", 1 << 10)
    small, large = tmp_path / "a.csv", tmp_path / "b.csv"
    small.write_text("编号\n1\n", encoding="utf-8")
    large.write_text("编号\n" + "1\n" * 200, encoding="utf-8")

    rows = [len(open_delivered(path, path.name, fence).read("", ())) for path in (small, large, small)]

    assert rows == [1, 200, 1]
