"""Ports are looked at before anything starts: a stranger on ours would be sent what is meant for Kept."""

import socket

from kept.base.errors import InUse


def refuse_taken(host: str, port: int, choose_with: str) -> None:
    """Raise `InUse` when a port cannot be had. `choose_with` names the option or variable that changes it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind((host, port))
        except OSError as error:
            raise InUse(
                f"port {port} of {host} cannot be had",
                why=f"{error.strerror}.",
                next_step=f"Stop what uses it, or choose another with {choose_with}.",
                where=f"{host}:{port}",
            ) from error
