"""What a person sees of a page that does not start."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.person import Person

# As if the kernel had shown nothing on the next so many loads.
_LOSE = """
new MutationObserver((_, observer) => {
  const cell = document.querySelector('.jp-CodeCell');
  if (!cell) return;
  observer.disconnect();
  const left = Number(sessionStorage.getItem('lose'));
  if (left) cell.classList.add('jp-mod-noOutputs');
  sessionStorage.setItem('lose', Math.max(0, left - 1));
}).observe(document, { childList: true, subtree: true });
"""


def test_page_without_output_is_reloaded(person: Person) -> None:
    """Then it says so, instead of staying empty."""
    page = person.page
    page.add_init_script(_LOSE)

    page.evaluate("sessionStorage.setItem('lose', 1)")
    _reload(page)
    person.sees("Import a File")
    # What the notebook says of itself in JupyterLab is not for this page.
    expect(page.get_by_text("Take it apart")).to_have_count(0)

    page.clock.install()
    page.evaluate("sessionStorage.setItem('lose', 4)")
    _reload(page)
    told = "The dashboard did not start. Reload the page to try again."
    # Four starts of a kernel later, each of some seconds.
    expect(page.get_by_text(told)).to_be_visible(timeout=120_000)
    page.clock.fast_forward(20_000)
    person.sees(told)
    _reload(page)
    person.sees("Import a File")


def _reload(page: Page) -> None:
    """Reload without waiting for the load to end: the page may reload itself before."""
    page.reload(wait_until="commit")
