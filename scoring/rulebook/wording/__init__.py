"""Parts of a rule as Chinese or English sentences: expressions, rows of a table, rank steps.

A rulebook's document and the sheet of one unit say a rule with the same words. Light: no YAML, no numpy.
"""
