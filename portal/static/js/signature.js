// Signing with a finger, a pen or the mouse: strokes in a field of 600 by 200 units, sent as JSON of whole
// numbers. Without this script the field stays hidden, and the typed name suffices.
(function () {
  "use strict";
  var WIDTH = 600;
  var HEIGHT = 200;
  var NEAR = 3; // units below which a movement is no new point
  var STROKES_MAX = 200;
  var NUMBERS_MAX = 10000; // two for each point

  function Pad(box, input) {
    this.input = input;
    this.canvas = box.querySelector("canvas");
    this.canvas.width = 2 * WIDTH; // sharp on a phone
    this.canvas.height = 2 * HEIGHT;
    this.pen = this.canvas.getContext("2d");
    this.strokes = kept(input.value);
    this.open = null;
    box.hidden = false;
    this.listen(box.querySelector("[data-signature-clear]"));
    this.draw();
  }

  function kept(text) {
    try {
      var strokes = JSON.parse(text || "[]");
      return Array.isArray(strokes) && strokes.every(Array.isArray) ? strokes : [];
    } catch (error) {
      return [];
    }
  }

  Pad.prototype.listen = function (clear) {
    var pad = this;
    this.canvas.addEventListener("pointerdown", function (event) {
      if (event.button !== 0 || pad.isFull()) return;
      event.preventDefault();
      pad.canvas.setPointerCapture(event.pointerId);
      pad.open = pad.place(event);
      pad.strokes.push(pad.open);
      pad.draw();
    });
    this.canvas.addEventListener("pointermove", function (event) {
      if (pad.open) pad.add(pad.place(event));
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      pad.canvas.addEventListener(name, function () { pad.end(); });
    });
    clear.addEventListener("click", function () {
      pad.strokes = [];
      pad.end();
      pad.draw();
    });
  };

  Pad.prototype.isFull = function () {
    var numbers = this.strokes.reduce(function (sum, stroke) { return sum + stroke.length; }, 0);
    return this.strokes.length >= STROKES_MAX || numbers >= NUMBERS_MAX;
  };

  Pad.prototype.place = function (event) {
    var box = this.canvas.getBoundingClientRect();
    var x = Math.round((event.clientX - box.left) / box.width * WIDTH);
    var y = Math.round((event.clientY - box.top) / box.height * HEIGHT);
    return [Math.min(WIDTH, Math.max(0, x)), Math.min(HEIGHT, Math.max(0, y))];
  };

  Pad.prototype.add = function (point) {
    var last = this.open.length;
    var far = Math.abs(point[0] - this.open[last - 2]) + Math.abs(point[1] - this.open[last - 1]);
    if (far < NEAR || this.isFull()) return;
    this.open.push(point[0], point[1]);
    this.draw();
  };

  Pad.prototype.end = function () {
    this.open = null;
    this.input.value = this.strokes.length ? JSON.stringify(this.strokes) : "";
  };

  Pad.prototype.draw = function () {
    var pen = this.pen;
    pen.setTransform(2, 0, 0, 2, 0, 0);
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(this.canvas).color;
    this.strokes.forEach(function (stroke) {
      pen.beginPath();
      pen.moveTo(stroke[0], stroke[1]);
      for (var place = 0; place < stroke.length; place += 2) pen.lineTo(stroke[place], stroke[place + 1]);
      pen.stroke();
    });
  };

  function makePads() {
    document.querySelectorAll("[data-signature][hidden]").forEach(function (box) {
      new Pad(box, box.closest("form").querySelector("[data-signature-strokes]"));
    });
  }

  makePads();
  document.addEventListener("htmx:afterSwap", makePads); // a form that came back refused has its strokes
})();
