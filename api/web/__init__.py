"""How pages look: templates, styles, and what writes one from the other."""
