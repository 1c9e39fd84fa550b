"""What all tests share: Hypothesis without deadlines, since machines that run tests are busy."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("kept", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", parent=settings.get_profile("kept"), max_examples=1_000)
settings.load_profile("long" if os.environ.get("KEPT_LONG") else "kept")
