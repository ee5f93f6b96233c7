"""The buurlandentoets: what a proposed law does to the gap with the neighbours, before it is passed."""
