"""Linking tickets to projects: `register` finds the place a ticket means, `queue` asks a clerk about the rest."""

from __future__ import annotations

from data_contracts.linking.queue import QUEUE_COLUMNS, Decisions, decisions_of, queue_csv, unlinked_by_division
from data_contracts.linking.register import CERTAIN, Candidate, Link, Place, Register, Ticket

__all__ = [
    "CERTAIN",
    "QUEUE_COLUMNS",
    "Candidate",
    "Decisions",
    "Link",
    "Place",
    "Register",
    "Ticket",
    "decisions_of",
    "queue_csv",
    "unlinked_by_division",
]
