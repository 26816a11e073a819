"""What scanners and phones do to a page: pictures in, damaged pictures out. All by numpy and OpenCV, seeded.

A damage keeps what a person can still read; how strong it is is drawn anew for each page.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Rng = np.random.Generator


def clean(picture: Picture, rng: Rng) -> Picture:
    """Leave the picture as it is."""
    return picture.copy()


def _as_bytes(values: npt.NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(values, 0, 255), dtype=np.uint8)


def _noise(picture: Picture, rng: Rng, spread: float) -> Picture:
    return _as_bytes(picture + rng.normal(0, spread, picture.shape))


def _blur(picture: Picture, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8)


def _jpeg(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def _turn(picture: Picture, degrees: float, fill: int = 250) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(fill,) * 3), dtype=np.uint8
    )


def scan_noise(picture: Picture, rng: Rng) -> Picture:
    """A scan with sensor noise, slight blur and slight skew."""
    turned = _turn(picture, rng.uniform(-0.8, 0.8))
    return _noise(_blur(turned, rng.uniform(0.4, 0.8)), rng, rng.uniform(5, 14))


def scan_skew(picture: Picture, rng: Rng) -> Picture:
    """A page fed in askew, by one to four degrees."""
    return _noise(_turn(picture, rng.uniform(1, 4) * rng.choice([-1, 1])), rng, 4)


def scan_coarse(picture: Picture, rng: Rng) -> Picture:
    """A scan of low resolution (about 110 dots an inch) in strong JPEG compression."""
    share = rng.uniform(0.5, 0.62)
    small = np.asarray(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return _jpeg(small, int(rng.integers(35, 60)))


def scan_faint(picture: Picture, rng: Rng) -> Picture:
    """Print from an empty cartridge: grey, with pale bands across."""
    ink = 255 - picture.astype(float)
    rows = np.arange(picture.shape[0])
    bands = 0.5 + 0.1 * np.sin(rows / rng.uniform(20, 90)) - 0.1 * (rng.random(len(rows)) < 0.01)
    return _noise(_as_bytes(255 - ink * bands[:, None, None]), rng, 4)


def scan_fax(picture: Picture, rng: Rng) -> Picture:
    """A fax or copy: black and white, with speckle."""
    grey = cv2.cvtColor(_blur(picture, 0.6), cv2.COLOR_RGB2GRAY)
    black = np.where(grey > 165, 255, 0).astype(np.uint8)
    speck = rng.random(black.shape) < rng.uniform(0.0006, 0.002)
    dots = cv2.dilate(speck.astype(np.uint8), np.ones((2, 2), np.uint8))
    return np.asarray(cv2.cvtColor(np.where(dots > 0, 0, black).astype(np.uint8), cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def scan_stamp(picture: Picture, rng: Rng) -> Picture:
    """A scan with a stamp over some results and pen lines across the page, both see-through."""
    height, width = picture.shape[:2]
    ink = np.full_like(picture, 255)
    middle = (int(width * rng.uniform(0.3, 0.75)), int(height * rng.uniform(0.35, 0.7)))
    color = [(60, 60, 190), (170, 50, 60), (60, 130, 80)][int(rng.integers(3))]
    cv2.ellipse(ink, middle, (width // 9, width // 13), float(rng.uniform(-25, 25)), 0, 360, color, 4)
    cv2.putText(ink, "RECEIVED", (middle[0] - width // 13, middle[1]), cv2.FONT_HERSHEY_SIMPLEX, width / 1900, color, 3)
    y = int(height * rng.uniform(0.3, 0.8))
    cv2.line(ink, (int(width * 0.05), y), (int(width * 0.95), y + int(rng.integers(-30, 30))), (90, 90, 90), 2)
    return _noise(_as_bytes(picture.astype(float) * (0.45 + 0.55 * ink / 255.0)), rng, 4)


def _light(shape: tuple[int, ...], rng: Rng, depth: float) -> npt.NDArray[np.floating]:
    """Uneven light as factors of shape (height, width, 1): a slope, and the soft edge of a shadow."""
    y, x = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    slope = 1 - depth * 0.5 * (along + 0.5)
    edge = 1 / (1 + np.exp(-(along - rng.uniform(-0.25, 0.25)) * rng.uniform(12, 40)))
    return np.asarray((slope * (1 - depth * edge))[:, :, None])


def _table_top(picture: Picture, rng: Rng, *, tilt: float) -> Picture:
    """The page seen at an angle, lying on a table."""
    height, width = picture.shape[:2]
    room = 0.06
    target_size = (int(width * (1 + 2 * room)), int(height * (1 + 2 * room)))
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    moved = corners + np.array([width * room, height * room], dtype=np.float32)
    moved += rng.uniform(-tilt, tilt, (4, 2)).astype(np.float32) * np.array([width, height], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    table = np.empty((target_size[1], target_size[0], 3), dtype=np.uint8)
    table[:] = [(105, 82, 62), (70, 72, 78), (150, 140, 128)][int(rng.integers(3))]
    table = _noise(table, rng, 9)
    return np.asarray(
        cv2.warpPerspective(
            picture, matrix, target_size, dst=table, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_TRANSPARENT
        ),
        dtype=np.uint8,
    )


def photo(picture: Picture, rng: Rng) -> Picture:
    """A phone photo in ordinary light: perspective, uneven light, slight blur, noise, JPEG."""
    seen = _table_top(picture, rng, tilt=0.035)
    lit = _as_bytes(seen * _light(seen.shape, rng, rng.uniform(0.1, 0.3)))
    return _jpeg(_noise(_blur(lit, rng.uniform(0.5, 1.0)), rng, 5), 82)


def photo_shadow(picture: Picture, rng: Rng) -> Picture:
    """A phone photo with the shadow of a hand across the page, in warm light."""
    seen = _table_top(picture, rng, tilt=0.04)
    lit = seen * _light(seen.shape, rng, rng.uniform(0.35, 0.55)) * np.array([1.0, 0.95, 0.84])
    return _jpeg(_noise(_as_bytes(lit), rng, 6), 80)


def photo_moved(picture: Picture, rng: Rng) -> Picture:
    """A phone photo by a moving hand: blur along one direction."""
    seen = _table_top(picture, rng, tilt=0.03)
    length = int(rng.integers(3, 6))
    kernel = np.zeros((length, length), dtype=np.float32)
    kernel[length // 2, :] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), float(rng.uniform(0, 180)), 1)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (length, length)), dtype=np.float32)
    moved = np.asarray(cv2.filter2D(seen, -1, kernel / kernel.sum()), dtype=np.uint8)
    return _jpeg(_noise(moved, rng, 5), 80)


def photo_turned(picture: Picture, rng: Rng) -> Picture:
    """A phone photo that lies on its side or head."""
    return np.ascontiguousarray(np.rot90(photo(picture, rng), int(rng.integers(1, 4))))


def photo_screen(picture: Picture, rng: Rng) -> Picture:
    """A photo of a screen: moire waves and a colour cast."""
    seen = _table_top(picture, rng, tilt=0.025)
    height, width = seen.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    waves = np.sin(x / rng.uniform(2.5, 5) + y / rng.uniform(6, 20)) + np.sin(y / rng.uniform(2.5, 5))
    cast = np.array([0.93, 0.97, 1.0])
    return _jpeg(_noise(_as_bytes(seen * cast + 7 * waves[:, :, None]), rng, 4), 84)


DAMAGES: dict[str, Callable[[Picture, Rng], Picture]] = {
    work.__name__: work
    for work in (
        clean, scan_noise, scan_skew, scan_coarse, scan_faint, scan_fax, scan_stamp,
        photo, photo_shadow, photo_moved, photo_turned, photo_screen,
    )
}  # fmt: skip
