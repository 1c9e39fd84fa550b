"""Matomo, as its trackers send it: `matomo.php` as a picture, as a form, and in bulk."""

from kept.gather.protocols.matomo.speaking import MATOMO

__all__ = ["MATOMO"]
