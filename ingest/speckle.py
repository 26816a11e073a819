"""Black-and-white pages full of dots, as faxes are, are blurred a little: a reader of letters takes dots for marks."""

import cv2
import numpy as np

from ingest.ocr import Image

# Of the drawn development pages all faxes have fewer pixels between black and white and more dots, and no others have.
_MOST_GREY = 0.02
_FEWEST_DOTS = 300
_DOT_PIXELS = 8
# Fades dots of two by two pixels and leaves decimal points, which a median would take away.
_SIGMA = 1.6


def without_speckle(image: Image) -> Image:
    """The picture of a page, RGB, blurred where it is speckled; any other comes back as it is."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), _SIGMA), dtype=np.uint8) if speckled(image) else image


def speckled(image: Image) -> bool:
    """Whether a page is black and white only, with more than 300 dots of up to 8 pixels on a million."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if ((grey > 64) & (grey < 192)).mean() > _MOST_GREY:
        return False
    _, _, found, _ = cv2.connectedComponentsWithStats((grey < 128).astype(np.uint8), connectivity=8)
    dots = (found[1:, cv2.CC_STAT_AREA] <= _DOT_PIXELS).sum()
    return bool(dots > _FEWEST_DOTS * grey.size / 1e6)
