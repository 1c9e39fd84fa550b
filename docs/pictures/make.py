"""Make `demo.png` anew: three pages of a living demo with the real input, side by side.

    .venv/bin/python -m docs.pictures.make

Needs Chromium (`scripts/system-packages`) and the input in ../shared/data. Takes a minute or two.
"""

import sys
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.demo import LOG, Demo, demo
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.living import wait_until

HERE = Path(__file__).parent
LOG_DAYS = 4
LOG_ENDS = 2  # on a Wednesday, also when it is moved: by whole weeks, to end within the last seven days
SIZE: ViewportSize = {"width": 800, "height": 1012}
SHEET_SIZE: ViewportSize = {"width": 1880, "height": 100}
MOST_BYTES = 400_000
FONT = "src/kept/web/static/fonts/public-sans-latin-wght-normal.woff2"
SHEET = """<!doctype html><style>
@font-face {{ font-family: Public; src: url(data:font/woff2;base64,{font}); font-weight: 100 900 }}
body {{ margin: 0; padding: 28px; display: grid; grid-template-columns: repeat(3, 1fr); gap: 28px;
  background: #e7ece9; font: 500 19px/1.4 Public; color: #15201c; width: 1824px }}
figure {{ margin: 0 }}
img {{ display: block; width: 100%; border: 1px solid #b9c4be }}
figcaption {{ margin-top: 12px }}
</style>{figures}"""
CAPTIONS = {
    "site": "The site asks once. Nothing is stored before the answer.",
    "notice": "The notice is made from the policy that is in force.",
    "reports": "The reports see what their purpose may see, and no more.",
}


def main() -> None:
    """Start a demo, take the three pages, put them on one sheet."""
    if not LOG.exists():
        sys.exit(f"no real input at {LOG.parent}")
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder), empty=False) as at:
        wait_until(lambda: "Everything is in." in at.out, "the input is in", 300)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            _sheet(browser, _taken(browser, at))
            browser.close()


def _taken(browser: Browser, at: Demo) -> Mapping[str, bytes]:
    page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()
    page.goto(at.site)
    page.locator("kept-choices section").wait_for()
    site = page.screenshot()
    page.goto(f"{at.site}/kept/privacy")
    notice = page.screenshot()
    _open_reports(page, at)
    return {"site": site, "notice": notice, "reports": page.screenshot()}


def _open_reports(page: Page, at: Demo) -> None:
    page.goto(f"{at.console}/sign-in")
    page.get_by_label("Owner token").fill(at.owner_token)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/reports")
    today = datetime.now(UTC).date()
    until = today - timedelta((today.weekday() - LOG_ENDS) % 7)
    page.goto(f"{page.url}?since={until - timedelta(LOG_DAYS - 1)}&until={until}")
    expect(page.locator("#results")).to_contain_text("Visitors")


def _sheet(browser: Browser, taken: Mapping[str, bytes]) -> None:
    figures = "".join(
        f'<figure><img src="data:image/png;base64,{b64encode(taken[name]).decode()}">'
        f"<figcaption>{words}</figcaption></figure>"
        for name, words in CAPTIONS.items()
    )
    page = browser.new_context(viewport=SHEET_SIZE).new_page()
    page.set_content(SHEET.format(font=b64encode(Path(FONT).read_bytes()).decode(), figures=figures))
    page.evaluate("document.fonts.ready")
    made = page.screenshot(full_page=True)
    if len(made) > MOST_BYTES:
        sys.exit(
            f"the picture would have {len(made):,} bytes; at most {MOST_BYTES:,} belong in the repository"
        )
    (HERE / "demo.png").write_bytes(made)
    print(f"docs/pictures/demo.png, {len(made):,} bytes")


if __name__ == "__main__":
    main()
