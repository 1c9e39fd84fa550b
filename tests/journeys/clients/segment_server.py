"""Segment's SDK for Python, as a company's server uses it. Told by its arguments: base, key, visitor, account."""

import sys

from segment.analytics.client import Client

base, key, visitor, account = sys.argv[1:]
errors: list[object] = []
client = Client(
    write_key=key, host=base, gzip=True, on_error=lambda error, _: errors.append(error), max_retries=1
)
client.identify(user_id=account, anonymous_id=visitor, traits={"mood": "good"})
client.track(user_id=account, anonymous_id=visitor, event="Job View", properties={"job": "j-python"})
client.page(user_id=account, anonymous_id=visitor, properties={"url": "https://www.example.com/jobs"})
client.shutdown()
assert not errors, errors
