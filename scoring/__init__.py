"""How a rating follows from accepted records: a pure library without server, network, clock or web."""
