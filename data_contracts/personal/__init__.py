"""Personal data stay at the door: what an accepted record keeps of a person is nothing, or a keyed pseudonym.

`persons` empties the columns that a contract classifies as personal, `masking` finds in free text what leads to a
person, `key` keeps the key of the pseudonyms away from the data.
"""

from __future__ import annotations

from data_contracts.personal.key import KeyFileError, key_id, load_key, make_key
from data_contracts.personal.masking import MASK, leads_to_person, masked, masked_cells, masked_words
from data_contracts.personal.persons import (
    is_closed,
    is_free_text,
    personal_columns,
    pseudonym,
    pseudonym_columns,
    without_persons,
)

__all__ = [
    "MASK",
    "KeyFileError",
    "is_closed",
    "is_free_text",
    "key_id",
    "leads_to_person",
    "load_key",
    "make_key",
    "masked",
    "masked_cells",
    "masked_words",
    "personal_columns",
    "pseudonym",
    "pseudonym_columns",
    "without_persons",
]
