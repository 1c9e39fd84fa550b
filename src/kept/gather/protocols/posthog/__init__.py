"""PostHog, as its SDKs send it: `/batch/` from servers, `/e/` from browsers."""

from kept.gather.protocols.posthog.speaking import POSTHOG

__all__ = ["POSTHOG"]
