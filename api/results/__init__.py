"""A finished evaluation, opened read-only: lists, one unit with its lines and records, sites, the rulebook."""
