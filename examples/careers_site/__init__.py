"""WorkHireSpot, an invented careers site: what a company's own site looks like once it uses Kept.

It holds its own accounts, profiles and applications, and knows Kept only as a folder of its own
address, /kept/, which it forwards. It works the same when Kept is not there.
"""
