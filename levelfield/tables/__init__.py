"""The tariff tables: versioned numbers with their sources, and the law that uses them."""

from levelfield.tables.model import GRADES, STATED, Jurisdiction, Row, Source, Tables, covered, worst_grade
from levelfield.tables.read import default_folder, load_tables
from levelfield.tables.settings import parse_setting

__all__ = [
    "GRADES",
    "STATED",
    "Jurisdiction",
    "Row",
    "Source",
    "Tables",
    "covered",
    "default_folder",
    "load_tables",
    "parse_setting",
    "worst_grade",
]
