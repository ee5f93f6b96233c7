"""The workbook for the buurlandentoets: every bill as live formulas on the plants and the rates.

grid       cells whose formulas are the trees of the law; their values and their notation in Excel and OpenDocument
workings   a year of law in one jurisdiction, row by row, a column for each stretch of constant law
inputs     the sheets that a reader changes: plants, rates, lists
outputs    the sheets that a reader reads: summary, panel, bills, comparison, years
control    sources, checks, and what the book was made with
xlsx, ods, plain   how it is written; verify   how a received book is held against the tables
"""
