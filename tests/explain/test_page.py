"""The page in a browser: drawn, played, clicked, zoomed, and nothing asked of the network."""

import time

import numpy as np
import pytest
import soundfile
from tests.evaluation.chromium import Chromium, find_chromium

from auricle.explain import PictureConfig, write_picture

RATE = 16000
CLOCK = "document.querySelector('.clock').textContent"
DRAWN = """[...document.querySelectorAll('canvas')].map(canvas => {
    const part = canvas.getContext('2d').getImageData(90, 5, canvas.width - 110, 60).data;
    return new Set(part).size; })"""
BOX = """(() => { const b = document.querySelectorAll('canvas')[1].getBoundingClientRect();
    return [b.left, b.top, b.width]; })()"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    executable = find_chromium()
    if executable is None:
        pytest.skip("no Chromium that can be driven through a pipe: apt-get install chromium")
    browser = Chromium(executable, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    time_s = np.arange(4 * RATE) / RATE
    sweep = 0.2 * np.sin(2 * np.pi * (300 * time_s + 200 * time_s**2))
    soundfile.write(folder / "sweep.wav", sweep.astype(np.float32), RATE)
    panels = ("waveform", "spectrogram", "mfcc", "chroma", "pitch")
    write_picture([folder / "sweep.wav"], folder / "p.html", config=PictureConfig(panels=panels))
    return folder / "p.html"


def wait(chromium, script, holds):
    """The value of a script, as soon as it holds."""
    deadline = time.monotonic() + 10
    while not holds(value := chromium.run(script)):
        assert time.monotonic() < deadline, value
        time.sleep(0.05)
    return value


def mouse(chromium, kind, x, y, **more):
    chromium.ask(
        "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, **more
    )


def seconds(text):
    return float(text.split()[0])


@pytest.fixture
def opened(chromium, page):
    """The page on a desk, and where on it a time stands."""
    chromium.open(page.as_uri(), width=1280)
    wait(chromium, DRAWN, lambda sizes: len(sizes) == 5 and min(sizes) > 2)
    left, top, width = chromium.run(BOX)
    return chromium, lambda at_s: left + 74 + (width - 84) * at_s / 4, top + 60


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("dark", [False, True])
def test_every_panel_is_drawn_in_its_width_and_nothing_is_asked_for(chromium, page, width, dark):
    chromium.open(page.as_uri(), width=width, dark=dark)
    wait(chromium, DRAWN, lambda sizes: len(sizes) == 5 and min(sizes) > 2)
    assert chromium.run("document.documentElement.scrollWidth") <= width
    assert [word for word in chromium.errors() if "asked for blob:" not in word] == []


def test_a_click_moves_the_cursor_there_and_a_pointer_reads_the_axis(opened):
    browser, x, y = opened
    mouse(browser, "mousePressed", x(2.5), y)
    mouse(browser, "mouseReleased", x(2.5), y)
    wait(browser, CLOCK, lambda text: seconds(text) == pytest.approx(2.5, abs=0.01))
    mouse(browser, "mouseMoved", x(1.0), y)
    said = wait(
        browser, "document.querySelector('.readout').textContent", lambda text: "Hz" in text
    )
    at, hz = said.split(", ")
    assert seconds(at) == pytest.approx(1, abs=0.01)
    assert float(hz.split()[0]) == pytest.approx(8000 * (1 - 60 / 150), rel=0.02)


def test_play_moves_the_cursor_and_pause_stops_it(opened):
    browser, _, _ = opened
    browser.run("document.querySelector('.play').click()")
    wait(browser, CLOCK, lambda text: seconds(text) > 0.3)
    assert browser.run("document.querySelector('.play').textContent") == "Pause"
    browser.run("document.querySelector('.play').click()")
    wait(browser, "document.querySelector('.play').textContent", lambda text: text == "Play")
    stopped = browser.run(CLOCK)
    time.sleep(0.3)
    assert browser.run(CLOCK) == stopped


def test_a_drag_zooms_in_and_a_key_shows_all_again(opened):
    browser, x, y = opened
    before = browser.run(DRAWN)
    mouse(browser, "mousePressed", x(1), y)
    mouse(browser, "mouseMoved", x(1.2), y, buttons=1)
    mouse(browser, "mouseReleased", x(1.2), y)
    mouse(browser, "mousePressed", x(2), y)
    mouse(browser, "mouseReleased", x(2), y)
    wait(browser, CLOCK, lambda text: seconds(text) == pytest.approx(1.1, abs=0.01))
    browser.ask("Input.dispatchKeyEvent", type="keyDown", key="0")
    mouse(browser, "mousePressed", x(2), y)
    mouse(browser, "mouseReleased", x(2), y)
    wait(browser, CLOCK, lambda text: seconds(text) == pytest.approx(2, abs=0.01))
    assert len(browser.run(DRAWN)) == len(before)
