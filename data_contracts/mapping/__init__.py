"""From a delivered sheet's own headers and wide layout to the columns of a contract, as a YAML file says it.

`shape` holds what a mapping is, `load` reads it with file and line, `claims` finds the files of each table and
`apply` moves the columns. Cells stay text here; giving them types is the work of `normalise`.
"""

from __future__ import annotations

from data_contracts.mapping.load import MappingError, load_mappings
from data_contracts.mapping.shape import TableMapping, Unpivot

__all__ = ["MappingError", "TableMapping", "Unpivot", "load_mappings"]
