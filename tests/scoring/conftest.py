"""What the tests of scoring share: no time limit per example, for a machine may be busy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("scoring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("scoring")
