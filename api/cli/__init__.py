"""`property-credit`: the use cases from a terminal."""
