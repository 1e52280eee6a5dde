"""What the service can be told, with its defaults: one frozen value handed down from the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE_LIMIT: Final = 500
RECORDS_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one running service.

    Attributes:
        folder: The result that is served, as `evaluate --out` wrote it.
        page_size: Rows on a page of a list when the request does not say; at most PAGE_LIMIT.
        records_shown: Records listed under each line when the request does not say; at most RECORDS_LIMIT.
    """

    folder: Path
    page_size: int = 50
    records_shown: int = 100
