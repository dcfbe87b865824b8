"use strict";
// One view on time for all tracks; each panel is a canvas; the sound is played by the browser.
(() => {
  const LEFT = 74, RIGHT = 10, AXIS = 22;
  const HEIGHTS = { image: 150, band: 90, dots: 130 };
  const tracks = [];
  const view = { from: 0, to: 1 };
  const whole = { from: 0, to: 1 };
  let current = null;

  const make = (name, className, parent, text) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text) node.textContent = text;
    parent.append(node);
    return node;
  };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const places = (text) => new Uint16Array(bytes(text).buffer);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const clock = (seconds, digits) => {
    const rounded = Math.max(0, seconds).toFixed(digits);
    const minutes = Math.floor(rounded / 60);
    if (!minutes) return rounded + " s";
    const rest = (rounded - 60 * minutes).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
    const hours = Math.floor(minutes / 60);
    const head = hours ? hours + ":" + String(minutes % 60).padStart(2, "0") : String(minutes);
    return head + ":" + rest;
  };

  const ticks = (from, to, most) => {
    const steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60,
      120, 300, 600, 900, 1800, 3600, 7200, 14400];
    const step = steps.find((one) => (to - from) / one <= most) || steps[steps.length - 1];
    const found = [];
    for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9; k += 1) found.push(k * step);
    return { found, digits: Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) };
  };

  const show = (from, to) => {
    const least = Math.min(0.01, whole.to - whole.from);
    const span = Math.min(Math.max(to - from, least), whole.to - whole.from);
    view.from = Math.min(Math.max(from, whole.from), whole.to - span);
    view.to = view.from + span;
    redraw();
  };
  const zoom = (factor, about) => {
    const middle = about ?? (current ? now(current) : (view.from + view.to) / 2);
    const inside = Math.min(Math.max(middle, view.from), view.to);
    show(inside - (inside - view.from) * factor, inside + (view.to - inside) * factor);
  };

  const now = (track) => track.data.start + (track.audio ? track.audio.currentTime : track.mark);
  const seek = (track, time) => {
    const inside = Math.min(Math.max(time - track.data.start, 0), track.data.end - track.data.start);
    track.mark = inside;
    if (track.audio) track.audio.currentTime = inside;
    current = track;
    redraw();
  };
  const toggle = (track) => {
    if (!track.audio) return;
    for (const other of tracks) if (other !== track && other.audio) other.audio.pause();
    current = track;
    if (track.audio.paused) track.audio.play(); else track.audio.pause();
  };

  const x = (time, width) => LEFT + (width - LEFT - RIGHT) * (time - view.from) / (view.to - view.from);
  const timeAt = (track, pixel, width) =>
    view.from + (view.to - view.from) * (pixel - LEFT) / (width - LEFT - RIGHT);

  const drawImage = (context, panel, track, width, height) => {
    if (!panel.picture.naturalWidth) return;
    const wide = panel.picture.naturalWidth, length = track.data.columnsEnd - track.data.start;
    const first = Math.max(view.from, track.data.start), last = Math.min(view.to, track.data.end);
    if (last <= first) return;
    context.imageSmoothingEnabled = panel.smooth;
    context.drawImage(panel.picture,
      wide * (first - track.data.start) / length, 0, wide * (last - first) / length,
      panel.picture.naturalHeight, x(first, width), 0, x(last, width) - x(first, width), height);
  };
  const drawColumns = (context, panel, track, width, height) => {
    const count = (panel.high || panel.places).length;
    const step = (track.data.columnsEnd - track.data.start) / count;
    const first = Math.max(0, Math.floor((view.from - track.data.start) / step) - 1);
    const last = Math.min(count, Math.ceil((view.to - track.data.start) / step) + 1);
    const y = (place) => height * (1 - (place - 1) / 65534);
    const at = (index) => x(track.data.start + (index + 0.5) * step, width);
    context.fillStyle = context.strokeStyle = colour("--first");
    context.lineWidth = 1;
    context.beginPath();
    if (panel.places) {
      for (let index = first; index < last; index += 1) {
        if (panel.places[index]) context.rect(at(index) - 1, y(panel.places[index]) - 1, 2.2, 2.2);
      }
      context.fill();
      return;
    }
    for (let index = first; index < last; index += 1) context.lineTo(at(index), y(panel.high[index]));
    for (let index = last - 1; index >= first; index -= 1) context.lineTo(at(index), y(panel.low[index]));
    context.closePath();
    context.fill();
    context.stroke();
  };
  const drawAxes = (context, panel, width, height, isLast) => {
    const ink = colour("--ink"), quiet = colour("--quiet");
    context.fillStyle = ink;
    context.strokeStyle = quiet;
    context.lineWidth = 1;
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const [place, words] of panel.axis.ticks) {
      const at = height * (1 - place);
      context.fillText(words, LEFT - 7, Math.min(Math.max(at, 6), height - 5));
      context.fillRect(LEFT - 4, Math.round(at), 4, 1);
    }
    context.save();
    context.translate(9, height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillStyle = quiet;
    context.fillText(panel.axis.label, 0, 0);
    context.restore();
    context.strokeRect(LEFT - 0.5, 0.5, width - LEFT - RIGHT + 1, height - 1);
    const { found, digits } = ticks(view.from, view.to, Math.max(2, (width - LEFT) / 90));
    context.textAlign = "center";
    context.fillStyle = ink;
    for (const time of found) {
      context.fillRect(Math.round(x(time, width)), height, 1, 4);
      if (isLast) context.fillText(clock(time, digits), Math.min(x(time, width), width - 24), height + 13);
    }
  };

  const draw = (track) => {
    const time = now(track);
    track.panels.forEach((panel, index) => {
      const isLast = index === track.panels.length - 1;
      const height = HEIGHTS[panel.kind], full = height + (isLast ? AXIS : 5);
      const width = panel.canvas.clientWidth, scale = window.devicePixelRatio || 1;
      if (panel.canvas.width !== Math.round(width * scale) || panel.canvas.height !== Math.round(full * scale)) {
        panel.canvas.width = Math.round(width * scale);
        panel.canvas.height = Math.round(full * scale);
        panel.canvas.style.height = full + "px";
      }
      const context = panel.canvas.getContext("2d");
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, full);
      context.save();
      context.beginPath();
      context.rect(LEFT, 0, width - LEFT - RIGHT, height);
      context.clip();
      if (panel.kind === "image") drawImage(context, panel, track, width, height);
      else drawColumns(context, panel, track, width, height);
      if (track.chosen) {
        const [a, b] = track.chosen.map((one) => x(one, width));
        context.fillStyle = "rgba(128, 160, 200, 0.35)";
        context.fillRect(Math.min(a, b), 0, Math.abs(b - a), height);
      }
      context.fillStyle = colour("--cursor");
      context.fillRect(x(time, width) - 1, 0, 2, height);
      context.restore();
      drawAxes(context, panel, width, height, isLast);
    });
    track.clock.textContent = clock(time, 2) + " of " + clock(track.data.end, 2);
    if (track.play) track.play.textContent = track.audio.paused ? "Play" : "Pause";
  };
  let waiting = false;
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      tracks.forEach(draw);
    });
  };
  const follow = (track) => {
    if (track.audio.paused) { redraw(); return; }
    const time = now(track), span = view.to - view.from;
    if (time > view.to || time < view.from) show(time - span * 0.05, time + span * 0.95);
    redraw();
    requestAnimationFrame(() => follow(track));
  };

  const readout = (track, panel, event) => {
    const box = panel.canvas.getBoundingClientRect();
    const time = timeAt(track, event.clientX - box.left, box.width);
    const place = 1 - (event.clientY - box.top) / HEIGHTS[panel.kind];
    if (time < view.from || time > view.to || place < 0 || place > 1) { track.readout.textContent = ""; return; }
    const values = panel.axis.values, at = place * (values.length - 1);
    let words = "";
    if (values.length) {
      const low = values[Math.floor(at)], high = values[Math.min(Math.floor(at) + 1, values.length - 1)];
      const value = low + (high - low) * (at - Math.floor(at));
      words = ", " + (panel.axis.unit ? Number(value.toPrecision(3)) + " " + panel.axis.unit
        : panel.axis.label + " " + Number(value.toPrecision(2)));
    } else if (panel.axis.notes.length) words = ", " + panel.axis.notes[Math.min(11, Math.floor(place * 12))];
    track.readout.textContent = clock(time, 3) + words;
  };
  const listen = (track, panel) => {
    const canvas = panel.canvas;
    let pressed = null;
    const timeOf = (event) => {
      const box = canvas.getBoundingClientRect();
      return Math.min(Math.max(timeAt(track, event.clientX - box.left, box.width), view.from), view.to);
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      pressed = { x: event.clientX, time: timeOf(event) };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      readout(track, panel, event);
      if (!pressed || Math.abs(event.clientX - pressed.x) < 5) return;
      track.chosen = [pressed.time, timeOf(event)];
      redraw();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!pressed) return;
      const from = pressed.time, chosen = track.chosen;
      pressed = track.chosen = null;
      if (chosen) show(Math.min(...chosen), Math.max(...chosen));
      else seek(track, from);
      if (event.pointerType !== "mouse") track.readout.textContent = "";
    });
    canvas.addEventListener("pointercancel", () => { pressed = track.chosen = null; redraw(); });
    canvas.addEventListener("pointerleave", () => { track.readout.textContent = ""; });
    canvas.addEventListener("dblclick", () => show(whole.from, whole.to));
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
      event.preventDefault();
      const turn = event.deltaY || event.deltaX, span = view.to - view.from;
      if (event.shiftKey) show(view.from + span * turn / 1000, view.to + span * turn / 1000);
      else zoom(Math.exp(turn / 400), timeOf(event));
    }, { passive: false });
  };

  const open = (section) => {
    const data = JSON.parse(section.querySelector(".picture").textContent);
    const track = { data, section, panels: [], mark: 0, chosen: null, audio: null };
    const bar = section.querySelector(".controls");
    const sound = section.querySelector(".sound");
    if (sound) {
      const blob = new Blob([bytes(sound.textContent)], { type: sound.type });
      sound.remove();
      track.audio = new Audio(URL.createObjectURL(blob));
      track.audio.preload = "auto";
      track.audio.preservesPitch = false;
      track.play = make("button", "play", bar, "Play");
      track.play.addEventListener("click", () => toggle(track));
      const speed = make("select", "", bar);
      speed.setAttribute("aria-label", "speed");
      for (const [words, rate] of [["full speed", 1], ["1/2 speed", 0.5], ["1/4 speed", 0.25], ["1/8 speed", 0.125]]) {
        make("option", "", speed, words).value = rate;
      }
      speed.addEventListener("change", () => { track.audio.playbackRate = Number(speed.value); });
      for (const kind of ["play", "pause", "seeked", "ended"]) track.audio.addEventListener(kind, redraw);
      track.audio.addEventListener("play", () => follow(track));
    }
    for (const [words, act] of [["Zoom in", () => zoom(0.5)], ["Zoom out", () => zoom(2)],
      ["All", () => show(whole.from, whole.to)]]) make("button", "", bar, words).addEventListener("click", act);
    track.clock = make("span", "clock", bar);
    track.readout = make("span", "readout", bar);
    track.readout.setAttribute("aria-live", "off");
    for (const given of data.panels) {
      const box = make("div", "panel", section.querySelector(".panels"));
      const title = make("h2", "", box, given.title);
      const panel = { ...given, canvas: make("canvas", "", box) };
      panel.canvas.setAttribute("role", "img");
      panel.canvas.setAttribute("aria-label", given.title);
      if (given.kind === "image") {
        panel.picture = new Image();
        panel.picture.onload = redraw;
        panel.picture.src = given.image;
        panel.smooth = given.smooth;
        const legend = make("span", "legend", title);
        make("span", "", legend, given.low);
        make("span", "ramp", legend).style.background = "linear-gradient(to right, " + given.ramp.join(",") + ")";
        make("span", "", legend, given.high);
      } else if (given.kind === "band") {
        panel.low = places(given.low);
        panel.high = places(given.high);
      } else panel.places = places(given.places);
      track.panels.push(panel);
      listen(track, panel);
    }
    make("p", "help", section, "Click to go there; drag to zoom in, double click for all; Ctrl and the wheel zoom, "
      + "Shift and the wheel move. Keys: space plays, ← → go a second, + − 0 zoom.");
    return track;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|INPUT|BUTTON)$/.test(event.target.tagName)) return;
    const track = current || tracks[0];
    const acts = {
      " ": () => toggle(track), ArrowLeft: () => seek(track, now(track) - 1), ArrowRight: () => seek(track, now(track) + 1),
      Home: () => seek(track, track.data.start), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
      0: () => show(whole.from, whole.to),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });

  tracks.push(...[...document.querySelectorAll(".track")].map(open));
  current = tracks[0];
  whole.from = Math.min(...tracks.map((track) => track.data.start));
  whole.to = Math.max(...tracks.map((track) => track.data.end));
  window.addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  show(whole.from, whole.to);
})();
