"""Partner sites that carry our tools send us data; each can be cut off at once (promise G4).

A partner's site has a write key, origins, visitors and choices of its own. Nothing leads from a visitor there to one
here but the company's own server, by an account.
"""

from kept.gather.partners.cutting import Cutting, NoSuchPartner

__all__ = ["Cutting", "NoSuchPartner"]
