"""Child processes that are spoken to by their standard input and output."""

import subprocess


def end(process: "subprocess.Popen[bytes] | None") -> None:
    """Kill one that holds nothing worth keeping, wait until it is gone, and close its pipes."""
    if process is None:
        return
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
