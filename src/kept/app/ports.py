"""Ports: taken, or looked at before anything starts, since a stranger on ours would be sent what is meant for Kept."""

import socket

from kept.base.errors import InUse

BACKLOG = 2_048
"""Connections that wait until they are taken."""


def listen(host: str, port: int, choose_with: str = "", *, shared: bool = False) -> socket.socket:
    """A socket that takes connections; port 0 is any free one.

    Raises `InUse` when the port cannot be had. `choose_with` names the option or variable that changes it.
    Collectors that share a port each have a socket of their own, and the kernel deals connections out to them.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise InUse(
            f"port {port} of {host} cannot be had",
            why=f"{error.strerror}.",
            next_step=f"Stop what uses it, or choose another{f' with {choose_with}' if choose_with else ''}.",
            where=f"{host}:{port}",
        ) from error
    return listener


def refuse_taken(host: str, port: int, choose_with: str) -> None:
    """Raise `InUse` when a port cannot be had."""
    listen(host, port, choose_with).close()
