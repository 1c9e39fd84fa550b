"""The key store: one data key per person and retention class, wrapped by a master key that lives elsewhere.

Erasing a person begins here: once their keys are destroyed, what was encrypted under them is unreadable and
what was named by a pseudonym under them is nobody's. So this room reports a key as destroyed only after it
has looked at the bytes on disk.
"""

from kept.storage.keys.keys import Keys, public_key_of

__all__ = ["Keys", "public_key_of"]
