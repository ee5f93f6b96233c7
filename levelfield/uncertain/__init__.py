"""How sure a gap is: one input at a time (`sensitivity`), and all of them drawn together (`simulation`)."""
