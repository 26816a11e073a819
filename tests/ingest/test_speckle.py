import numpy as np

from ingest.speckle import speckled, without_speckle


def page(dots: int, *, paper: int = 255) -> np.ndarray:
    """A page of a million pixels with forty black bars for letters, and dots of 2 x 2 pixels."""
    made = np.full((1000, 1000, 3), paper, dtype=np.uint8)
    made[::25, 100:900] = 0
    places = np.random.default_rng(1).permutation(200 * 200)[:dots]
    for y, x in zip(places // 200 * 5 + 3, places % 200 * 5 + 1, strict=True):
        made[y : y + 2, x : x + 2] = 0
    return made


def test_a_fax_is_blurred_and_its_dots_fade():
    fax = page(1500)
    smooth = without_speckle(fax)
    # Left of the bars there are dots only; by hand a dot of 2 x 2 keeps about (2 x 0.25)^2 = 0.25 of its black.
    assert fax[:, :80].min() == 0 and smooth[:, :80].min() > 60


def test_a_clean_page_stays_as_it_is():
    clean = page(100)
    assert without_speckle(clean) is clean


def test_a_page_with_grey_in_it_is_no_fax():
    assert not speckled(page(1500, paper=180))
    assert speckled(page(1500, paper=240))
