"""PostHog's SDK for Python, as a company's server uses it. Told by its arguments: base, key, visitor, account."""

import sys

from posthog import Posthog

base, key, visitor, account = sys.argv[1:]
errors: list[object] = []
client = Posthog(key, host=base, gzip=True, on_error=lambda error, _: errors.append(error), max_retries=0)
client.alias(visitor, account)
client.capture("job view", distinct_id=visitor, properties={"job": "j-posthog"})
client.set(distinct_id=account, properties={"mood": "good"})
client.shutdown()
assert not errors, errors
