"""Names of records: the same wherever the row stood, another for any other row."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.identity import content_digests, content_ids, key_ids

CELLS = st.text(alphabet="ab/\\#", max_size=4)


def columns(rows: list[tuple[str | None, ...]]) -> list[pa.Array]:
    """Rows as columns of text."""
    return [pa.array(list(column), pa.string()) for column in zip(*rows, strict=True)]


def test_a_record_is_called_by_its_key():
    """An officer reads the id aloud, so it is made of the words on the sheet."""
    ids = key_ids(columns([("4304347", "2022-12-08")]))

    assert ids.to_pylist() == ["4304347/2022-12-08"]


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8, unique=True))
def test_different_keys_never_share_an_id(rows):
    """A slash inside a cell must not look like the one between two."""
    ids = key_ids(columns(rows)).to_pylist()

    assert len(set(ids)) == len(rows)


def test_equal_rows_are_counted():
    """A ticket delivered twice is two records until somebody says otherwise."""
    digests = content_digests(columns([("k", "x"), ("k", "y"), ("k", "x")]))

    ids = content_ids(pa.array(["k", "k", "k"]), digests).to_pylist()

    assert len(set(ids)) == 3
    assert [name[-1] for name in ids] == ["1", "1", "2"]


@given(
    rows=st.lists(st.tuples(CELLS, st.none() | CELLS), min_size=1, max_size=6).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_the_order_of_rows_never_changes_the_ids(rows):
    """The same records in another order are the same delivery."""
    given_order, other_order = (sorted(ids_of(one)) for one in rows)

    assert given_order == other_order


def ids_of(rows: list[tuple[str | None, ...]]) -> list[tuple[str, str]]:
    """Ids with the cell they speak of."""
    cells = columns(rows)
    ids = content_ids(key_ids(cells[:1]), content_digests(cells)).to_pylist()
    return list(zip(ids, map(repr, cells[1].to_pylist()), strict=True))


def test_a_missing_cell_is_not_an_empty_word():
    """Otherwise a row that says nothing would be a row that says ''."""
    assert len(set(content_digests(columns([("k", None), ("k", "")])))) == 2


def test_cells_do_not_run_into_each_other():
    """ab|c and a|bc are two rows."""
    assert len(set(content_digests(columns([("ab", "c"), ("a", "bc")])))) == 2
