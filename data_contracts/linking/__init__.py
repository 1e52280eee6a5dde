"""Linking tickets to places: `register` finds the place a ticket means, `queue` asks a clerk about the rest."""

from __future__ import annotations

from data_contracts.linking.queue import (
    CONFIRMED,
    EXAMPLE,
    NO_PLACE,
    TICKETS,
    Decisions,
    Question,
    candidates_shown,
    decisions_of,
    questions,
    unlinked_by_division,
)
from data_contracts.linking.register import CERTAIN, Candidate, Link, Place, Register, Ticket
from data_contracts.linking.words import told

__all__ = [
    "CERTAIN",
    "CONFIRMED",
    "EXAMPLE",
    "NO_PLACE",
    "TICKETS",
    "Candidate",
    "Decisions",
    "Link",
    "Place",
    "Question",
    "Register",
    "Ticket",
    "candidates_shown",
    "decisions_of",
    "questions",
    "told",
    "unlinked_by_division",
]
