"""Run the site: `python -m examples.careers_site [--port 8700]`."""

import argparse
from dataclasses import replace

import uvicorn

from examples.careers_site.app import careers_site
from examples.careers_site.settings import Settings, known_settings


def main() -> None:
    """Serve on loopback until told to stop; requests under way are finished first."""
    settings = known_settings("careers site")
    parser = argparse.ArgumentParser(prog="python -m examples.careers_site", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=settings.port, help="port on 127.0.0.1 (SITE_PORT; default 8700)"
    )
    settings = replace(settings, port=parser.parse_args().port)
    print(_greeting(settings), flush=True)
    uvicorn.Server(_server(settings)).run()


def _server(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        careers_site(settings),
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        access_log=False,  # a server log is personal data, and nobody here needs one
        server_header=False,
        ws="none",
        # Whose word on addresses counts is settled where the site is put on the net; here nobody's does.
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


def _greeting(settings: Settings) -> str:
    tag = "with Kept's script" if settings.write_key else "without Kept's script (KEPT_WRITE_KEY is not set)"
    return f"WorkHireSpot on http://127.0.0.1:{settings.port}/, {tag}; /kept/ goes to {settings.kept_url}"


if __name__ == "__main__":
    main()
