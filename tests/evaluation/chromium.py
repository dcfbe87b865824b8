"""A headless Chromium that is driven through a pipe: no port, no further package."""

import base64
import itertools
import json
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_S = 60.0


def find_chromium():
    """The browser's path, or None where there is none or it cannot be driven so."""
    if sys.platform == "win32":
        return None
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


class Chromium:
    """One browser with one page; events are kept as they come."""

    def __init__(self, executable, profile: Path):
        command_in, self._write = os.pipe()
        self._read, command_out = os.pipe()
        os.set_inheritable(command_in, True)
        os.set_inheritable(command_out, True)
        sink = os.open(os.devnull, os.O_RDWR)
        spare = os.dup(command_in), os.dup(command_out)  # 3 and 4 may be taken by the originals
        actions = [
            (os.POSIX_SPAWN_DUP2, sink, 1),
            (os.POSIX_SPAWN_DUP2, sink, 2),
            (os.POSIX_SPAWN_DUP2, *(self._above(spare[0], 20), 3)),
            (os.POSIX_SPAWN_DUP2, *(self._above(spare[1], 21), 4)),
        ]
        arguments = [executable, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._pid = os.posix_spawn(executable, arguments, os.environ, file_actions=actions)
        for handle in (command_in, command_out, sink, *spare, *self._high):
            os.close(handle)
        self._numbers, self._buffer, self.events = itertools.count(1), b"", []
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    _session = None
    _high: list = []

    def _above(self, handle, _):
        import fcntl

        high = fcntl.fcntl(handle, fcntl.F_DUPFD, 20)
        os.set_inheritable(high, True)
        self._high = [*self._high, high]
        return high

    def ask(self, method, **params):
        """Send one command and wait for its result."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._write, json.dumps(command).encode() + b"\0")
        reply = self._wait(lambda message: message.get("id") == number)
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply["result"]

    def _wait(self, wanted):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            *whole, self._buffer = self._buffer.split(b"\0")
            messages = [json.loads(part) for part in whole]
            self.events += [message for message in messages if "method" in message]
            for message in messages:
                if wanted(message):
                    return message
            ready, _, _ = select.select([self._read], [], [], deadline - time.monotonic())
            if not ready:
                raise TimeoutError("chromium did not answer")
            self._buffer += os.read(self._read, 1 << 20)

    def open(self, url, *, width=1280, height=900, dark=False):
        """Load a page at a size and wait until it and its pictures are there."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.ask("Page.navigate", url=url)
        self.run("new Promise(r => document.readyState == 'complete' ? r() : (onload = r))")

    def run(self, script):
        """The value of an expression in the page; promises are awaited."""
        reply = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in reply:
            raise RuntimeError(json.dumps(reply["exceptionDetails"])[:2000])
        return reply["result"].get("value")

    def errors(self):
        """What the page complained about, and what it asked of the network."""
        self.run("1")
        found = []
        for event in self.events:
            method, params = event["method"], event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"]["text"])
            if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                found.append(str(params["args"]))
            if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
            if method == "Network.requestWillBeSent":
                url = params["request"]["url"]
                found += [] if url.startswith(("data:", "file:")) else [f"asked for {url}"]
        return found

    def screenshot(self, path: Path):
        """The whole page as a picture."""
        reply = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(reply["data"]))

    def pdf(self, path: Path):
        """The page as it would be printed on A4."""
        reply = self.ask(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=False
        )
        path.write_bytes(base64.b64decode(reply["data"]))

    def close(self):
        """End this browser, and no other."""
        try:
            self.ask("Browser.close")
        except (OSError, TimeoutError, RuntimeError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._read)
        os.close(self._write)
