"""People give us data by choice, and we watch what they do on the site, as far as the policy declares it and they
allow it (promises G1 to G4).

What is not declared is refused at the door; what is gathered is made smaller before it is stored.
"""
