"""Portfolios: the bills of very many plants.

bills.py reckons columns of plants, plants.py and rows.py make such columns, source.py reads files chunk by chunk,
work.py turns a chunk into rows of results, parts.py carries a run through to its output, sink.py writes it.
"""

from __future__ import annotations

from levelfield.portfolio.bills import Bills, Columns, Reckoner, reckon

__all__ = ["Bills", "Columns", "Reckoner", "reckon"]
