"""What may come in: contracts, checks, and the lake of accepted records."""
